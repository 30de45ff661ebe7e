/** From the wire to the desk: what is to change of a doctor. */
import * as wire from '../../gen/opd/v1/opd_service.js';
import type { DoctorId } from '../domain/doctor.js';
import type { DoctorUpdate } from '../domain/doctor-update.js';
import type { Answer } from '../domain/refusal.js';
import type { RequestMark } from '../store/store.js';
import { FieldCheck } from './field-check.js';
import { policyTerms, TERM_NAMES, type TermName } from './policy-fields.js';
import { mark } from './requests.js';

export interface DoctorErrand {
  readonly doctorId: DoctorId;
  readonly update: DoctorUpdate;
  readonly request: RequestMark | undefined;
  /** Only what would happen is asked for. */
  readonly validateOnly: boolean;
}

/** What the mask does not name is not looked at, be it malformed or not. */
export function updateDoctor(request: wire.UpdateDoctorRequest): Answer<DoctorErrand> {
  const check = new FieldCheck();
  const doctorId = check.doctorId('doctor_id', request.doctorId);
  const named = check.mask('update_mask', request.updateMask, PATHS);
  const terms = TERM_NAMES.filter((term) => named.has('policy') || named.has(`policy.${term}`));
  const update: DoctorUpdate = {
    ...(named.has('name') && { name: check.name('name', request.name) }),
    ...(named.has('department') && { department: check.department('department', request.department) }),
    ...(named.has('time_zone') && { timeZone: check.givenTimeZone('time_zone', request.timeZone) }),
    ...(named.has('retired') && { isRetired: request.retired }),
    ...(terms.length > 0 && { policy: policyTerms(check, request.policy, terms) }),
  };
  return check.answer({
    doctorId,
    update,
    request: mark(check, 'UpdateDoctor', wire.UpdateDoctorRequest, request),
    validateOnly: request.validateOnly,
  });
}

type PathName = 'name' | 'department' | 'time_zone' | 'retired' | 'policy' | `policy.${TermName}`;

const PATHS: readonly PathName[] = [
  'name',
  'department',
  'time_zone',
  'retired',
  'policy',
  ...TERM_NAMES.map((term) => `policy.${term}` as const),
];
