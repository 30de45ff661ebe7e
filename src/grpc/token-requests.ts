/** From the wire to the desk: what is to change of a token. */
import * as wire from '../../gen/opd/v1/opd_service.js';
import type { UpdateToken } from '../domain/command.js';
import type { Answer } from '../domain/refusal.js';
import { FieldCheck } from './field-check.js';
import { type Errand, mark } from './requests.js';

const PATHS = ['source', 'patient_ref'] as const;

/** Fields that the mask does not name are ignored, even if malformed. */
export function updateToken(request: wire.UpdateTokenRequest): Answer<Errand> {
  const check = new FieldCheck();
  const tokenId = check.tokenId('token_id', request.tokenId);
  const named = check.mask('update_mask', request.updateMask, PATHS);
  const command: UpdateToken = {
    kind: 'UpdateToken',
    tokenId,
    ...(named.has('source') && { source: check.source('source', request.source) }),
    ...(named.has('patient_ref') && { patientRef: check.patientRef('patient_ref', request.patientRef) }),
  };
  return check.answer({
    place: { tokenId },
    command,
    request: mark(check, 'UpdateToken', wire.UpdateTokenRequest, request),
    validateOnly: request.validateOnly,
  });
}
