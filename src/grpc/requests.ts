/** From the wire to the desk: each request, checked and in domain words. */
import { hash } from 'node:crypto';
import * as wire from '../../gen/opd/v1/opd_service.js';
import type { NewDoctor } from '../desk/doctor-register.js';
import type { Place } from '../desk/front-desk.js';
import type { WatchWish } from '../desk/look-ups.js';
import type { Admission, AttendToken, Command, RecordedCommand } from '../domain/command.js';
import type { DoctorId } from '../domain/doctor.js';
import type { DoctorFilter } from '../domain/doctor-filter.js';
import { type Answer, refused } from '../domain/refusal.js';
import type { SlotId } from '../domain/slot.js';
import type { LocalDate } from '../domain/time.js';
import type { TokenId } from '../domain/token.js';
import type { RequestMark } from '../store/store.js';
import { type Encoder, encode } from './encoding.js';
import { FieldCheck } from './field-check.js';
import { pageStart } from './page-token.js';
import { policyTerms } from './policy-fields.js';

/** A command, where it points, and the mark by which it is known when it is repeated. */
export interface Errand {
  readonly place: Place;
  readonly command: Command;
  readonly request: RequestMark | undefined;
  /** Only what would happen is asked for. */
  readonly validateOnly?: boolean;
}

export function createDoctor(
  request: wire.CreateDoctorRequest,
): Answer<{ wanted: NewDoctor; request: RequestMark | undefined }> {
  const check = new FieldCheck();
  const wanted: NewDoctor = {
    name: check.name('name', request.name),
    department: check.department('department', request.department),
    timeZone: check.timeZone('time_zone', request.timeZone),
    policy: policyTerms(check, request.policy),
  };
  return check.answer({ wanted, request: mark(check, 'CreateDoctor', wire.CreateDoctorRequest, request) });
}

export function getDoctor(request: wire.GetDoctorRequest): Answer<DoctorId> {
  const check = new FieldCheck();
  return check.answer(check.doctorId('doctor_id', request.doctorId));
}

export interface DoctorsAsked {
  readonly after: DoctorId | undefined;
  readonly limit: number;
  readonly filter: DoctorFilter;
}

export function listDoctors(request: wire.ListDoctorsRequest): Answer<DoctorsAsked> {
  const check = new FieldCheck();
  const limit = check.pageSize('page_size', request.pageSize);
  const after = pageStart(check, request.pageToken, (itself, text) => itself.doctorId('', text));
  const department = check.department('department', request.department) || undefined;
  const namePrefix = check.department('name_prefix', request.namePrefix) || undefined;
  return check.answer({ after, limit, filter: { department, namePrefix, showsRetired: request.showRetired } });
}

export function allocateToken(request: wire.AllocateTokenRequest): Answer<Errand> {
  const check = new FieldCheck();
  const slotId = check.slotId('slot_id', request.slotId);
  const source = check.source('source', request.source);
  const patientRef = check.patientRef('patient_ref', request.patientRef);
  return check.answer({
    place: { slotId },
    command: { kind: 'AllocateToken', slotId, source, patientRef, ...(request.seatOnly && { seatOnly: true }) },
    request: mark(check, 'AllocateToken', wire.AllocateTokenRequest, request),
    validateOnly: request.validateOnly,
  });
}

export function insertEmergency(request: wire.InsertEmergencyRequest): Answer<Errand> {
  const check = new FieldCheck();
  const target = slotOrDoctor(check, request.target);
  const patientRef = check.patientRef('patient_ref', request.patientRef);
  return check.answer({
    place: target,
    command: { kind: 'InsertEmergency', target, patientRef },
    request: mark(check, 'InsertEmergency', wire.InsertEmergencyRequest, request),
    validateOnly: request.validateOnly,
  });
}

export function cancelToken(request: wire.CancelTokenRequest): Answer<Errand> {
  const check = new FieldCheck();
  const tokenId = check.tokenId('token_id', request.tokenId);
  const reason = check.reason('reason', request.reason);
  return check.answer({
    place: { tokenId },
    command: { kind: 'CancelToken', tokenId, reason },
    request: mark(check, 'CancelToken', wire.CancelTokenRequest, request),
    validateOnly: request.validateOnly,
  });
}

export function markNoShow(request: wire.MarkNoShowRequest): Answer<Errand> {
  const check = new FieldCheck();
  const tokenId = check.tokenId('token_id', request.tokenId);
  return check.answer({
    place: { tokenId },
    command: { kind: 'MarkNoShow', tokenId },
    request: mark(check, 'MarkNoShow', wire.MarkNoShowRequest, request),
  });
}

export function checkInToken(request: wire.CheckInTokenRequest): Answer<Errand> {
  return attendToken('CheckInToken', wire.CheckInTokenRequest, request);
}

export function returnToken(request: wire.ReturnTokenRequest): Answer<Errand> {
  return attendToken('ReturnToken', wire.ReturnTokenRequest, request);
}

export function completeToken(request: wire.CompleteTokenRequest): Answer<Errand> {
  return attendToken('CompleteToken', wire.CompleteTokenRequest, request);
}

export function callNextToken(request: wire.CallNextTokenRequest): Answer<Errand> {
  const check = new FieldCheck();
  const target = slotOrDoctor(check, request.target);
  return check.answer({
    place: target,
    command: { kind: 'CallNextToken', target, ...admission(check, request) },
    request: mark(check, 'CallNextToken', wire.CallNextTokenRequest, request),
    validateOnly: request.validateOnly,
  });
}

export function callToken(request: wire.CallTokenRequest): Answer<Errand> {
  const check = new FieldCheck();
  const tokenId = check.tokenId('token_id', request.tokenId);
  return check.answer({
    place: { tokenId },
    command: { kind: 'CallToken', tokenId, ...admission(check, request) },
    request: mark(check, 'CallToken', wire.CallTokenRequest, request),
    validateOnly: request.validateOnly,
  });
}

type Admitting = Pick<wire.CallNextTokenRequest, 'completeCurrent' | 'expectedCurrentTokenId'>;

function admission(check: FieldCheck, { completeCurrent, expectedCurrentTokenId: expected }: Admitting): Admission {
  if (expected === '') return { completeCurrent };
  return { completeCurrent, expectedCurrentTokenId: check.tokenId('expected_current_token_id', expected) };
}

export function getSlot(request: wire.GetSlotRequest): Answer<{ slotId: SlotId }> {
  const check = new FieldCheck();
  return check.answer({ slotId: check.slotId('slot_id', request.slotId) });
}

export function getToken(request: wire.GetTokenRequest): Answer<{ tokenId: TokenId }> {
  const check = new FieldCheck();
  return check.answer({ tokenId: check.tokenId('token_id', request.tokenId) });
}

/** ListSlots and GetQueue ask for the same: a doctor's day. */
export function getDay(request: { doctorId: string; date: string }): Answer<DayPlace> {
  const check = new FieldCheck();
  return check.answer(doctorDay(check, request));
}

/** A watch, as it was asked for. */
export interface WatchErrand {
  readonly place: DayPlace;
  readonly wish: WatchWish;
  readonly heartbeatMilliseconds: number;
}

export function watchQueue(request: wire.WatchQueueRequest): Answer<WatchErrand> {
  const check = new FieldCheck();
  const place = doctorDay(check, request);
  const slotId = request.slotId === '' ? undefined : check.slotId('slot_id', request.slotId);
  const heartbeatMilliseconds = heartbeat(check, request.heartbeatInterval);
  const epoch = check.epoch(request.epoch);
  return check.answer({ place, wish: { slotId, afterRevision: request.afterRevision, epoch }, heartbeatMilliseconds });
}

/** A message whose bytes could not be read as what they should be. */
export function unreadable(messageName: string) {
  return refused('INVALID_FIELDS', {
    violations: [{ field: '', description: `the bytes are no ${messageName}` }],
  });
}

export interface DayPlace {
  readonly doctorId: DoctorId;
  readonly date: LocalDate | undefined;
}

export function doctorDay(check: FieldCheck, request: { doctorId: string; date: string }): DayPlace {
  return { doctorId: check.doctorId('doctor_id', request.doctorId), date: check.date('date', request.date) };
}

function attendToken<Request extends { tokenId: string; validateOnly: boolean; requestId: string }>(
  kind: AttendToken['kind'],
  codec: Encoder<Request>,
  request: Request,
): Answer<Errand> {
  const check = new FieldCheck();
  const tokenId = check.tokenId('token_id', request.tokenId);
  return check.answer({
    place: { tokenId },
    command: { kind, tokenId },
    request: mark(check, kind, codec, request),
    validateOnly: request.validateOnly,
  });
}

function slotOrDoctor(check: FieldCheck, target: wire.InsertEmergencyRequest['target']) {
  if (target?.$case === 'doctorId') return { doctorId: check.doctorId('doctor_id', target.value) };
  if (target) return { slotId: check.slotId('slot_id', target.value) };
  check.violation('target', 'must be set: slot_id or doctor_id');
  return { slotId: '' as SlotId };
}

const HEARTBEAT_DEFAULT = 15_000;
const [HEARTBEAT_MIN, HEARTBEAT_MAX] = [1_000, 60_000];

function heartbeat(check: FieldCheck, interval: wire.WatchQueueRequest['heartbeatInterval']): number {
  if (!interval) return HEARTBEAT_DEFAULT;
  const { seconds, nanos } = interval;
  if (seconds < 0 || nanos < 0) check.violation('heartbeat_interval', 'must not be negative');
  else if (nanos > 999_999_999) check.violation('heartbeat_interval', 'must be a valid google.protobuf.Duration');
  return Math.min(Math.max(seconds * 1_000 + nanos / 1_000_000, HEARTBEAT_MIN), HEARTBEAT_MAX);
}

/** R18: the same id with other contents, any field as sent or another command, has another digest. */
export function mark<T extends { requestId: string }>(
  check: FieldCheck,
  name: RecordedCommand['kind'] | 'CreateDoctor' | 'UpdateDoctor',
  codec: Encoder<T>,
  request: T,
): RequestMark | undefined {
  const id = check.requestId(request.requestId);
  if (id === undefined) return undefined;
  const contents = encode(codec, { ...request, requestId: '' });
  return { id, digest: `${name}:${hash('sha256', contents, 'base64')}` };
}
