/** opd.v1.OpdService: each RPC as translate, ask, translate back. */
import { BinaryReader } from '@bufbuild/protobuf/wire';
import type { UntypedHandleCall } from '@grpc/grpc-js';
import * as messages from '../../gen/opd/v1/opd_service.js';
import { OpdServiceService } from '../../gen/opd/v1/opd_service.js';
import type { Done, FrontDesk } from '../desk/front-desk.js';
import { type Answer, answered } from '../domain/refusal.js';
import type { Instant } from '../domain/time.js';
import { type Calls, Unreadable } from './calls.js';
import * as doctors from './doctor-requests.js';
import { type Encoder, encode } from './encoding.js';
import { tokenLife } from './life-response.js';
import * as lists from './list-requests.js';
import * as requests from './requests.js';
import * as responses from './responses.js';
import * as schedules from './schedule-requests.js';
import * as slots from './slot-requests.js';
import * as tokens from './token-requests.js';
import type { WatchStreams } from './watch-streams.js';

/** The service's handlers, one for each RPC of the contract. */
export function opdService(desk: FrontDesk, calls: Calls, watches: WatchStreams, now: () => Instant) {
  const command = <Request, Response>(
    toErrand: (request: Request) => Answer<requests.Errand>,
    toResponse: (done: Done) => Response,
  ) => calls.unary(toErrand, ({ place, command, ...asking }) => desk.perform(place, command, asking), toResponse);

  return {
    createDoctor: calls.unary(
      requests.createDoctor,
      ({ wanted, request }) => desk.createDoctor(wanted, request),
      (doctor) => ({ doctor: responses.doctor(doctor) }),
    ),
    updateDoctor: calls.unary(
      doctors.updateDoctor,
      ({ doctorId, update, ...asking }) => desk.updateDoctor(doctorId, update, asking),
      (doctor) => ({ doctor: responses.doctor(doctor) }),
    ),
    getDoctor: calls.unary(
      requests.getDoctor,
      (id) => desk.findDoctor(id),
      (doctor) => ({ doctor: responses.doctor(doctor) }),
    ),
    listDoctors: calls.unary(
      requests.listDoctors,
      // One more than asked for tells whether there is a next page.
      ({ after, limit, filter }) => desk.listDoctors(after, limit + 1, filter),
      (doctors, { limit }) => responses.doctorsPage(doctors, limit),
    ),
    createSlot: command(slots.createSlot, responses.slotAndChange),
    allocateToken: command(requests.allocateToken, responses.tokenAndChange),
    insertEmergency: command(requests.insertEmergency, responses.tokenAndChange),
    cancelToken: command(requests.cancelToken, responses.tokenAndChange),
    markNoShow: command(requests.markNoShow, responses.tokenAndChange),
    getSlot: calls.unary(
      requests.getSlot,
      ({ slotId }) => desk.readSlot(slotId, (day, slot) => answered(responses.slotQueueAt(day, slot, now()))),
      (response) => response,
    ),
    listSlots: calls.unary(
      requests.getDay,
      (place) => desk.read(place, (day) => answered(responses.slots(day, now()))),
      (response) => response,
    ),
    getToken: calls.unary(
      requests.getToken,
      ({ tokenId }) => desk.readToken(tokenId, (day, token) => answered(responses.tokenAt(day, token, now()))),
      (response) => response,
    ),
    getQueue: calls.unary(
      requests.getDay,
      (place) => desk.read(place, (day, epoch) => answered({ queue: responses.queue(day, epoch, now()) })),
      (response) => response,
    ),
    watchQueue: watches.handler,
    updateSlot: command(slots.updateSlot, responses.changedSlotAndChange),
    closeSlot: command(slots.closeSlot, responses.changedSlotAndChange),
    reopenSlot: command(slots.reopenSlot, responses.changedSlotAndChange),
    deleteSlot: command(slots.deleteSlot, responses.changedSlotAndChange),
    checkInToken: command(requests.checkInToken, responses.tokenAndChange),
    callNextToken: command(requests.callNextToken, responses.tokenAndChange),
    callToken: command(requests.callToken, responses.tokenAndChange),
    returnToken: command(requests.returnToken, responses.tokenAndChange),
    completeToken: command(requests.completeToken, responses.tokenAndChange),
    updateToken: command(tokens.updateToken, responses.tokenAndChange),
    explainToken: calls.unary(requests.getToken, ({ tokenId }) => desk.explainToken(tokenId), tokenLife),
    listTokens: calls.unary(lists.listTokens, (asked) => desk.listTokens(asked), responses.tokensPage),
    listChanges: calls.unary(lists.listChanges, (asked) => desk.listChanges(asked), responses.changesPage),
    createSlots: calls.unary(
      schedules.createSlots,
      ({ doctorId, schedule, ...asking }) => desk.createSlots(doctorId, schedule, asking),
      responses.slotsAndChanges,
    ),
    closeSlots: calls.unary(
      schedules.closeSlots,
      ({ doctorId, wanted, ...asking }) => desk.closeSlots(doctorId, wanted, asking),
      responses.closedSlotsAndChanges,
    ),
    rescheduleToken: calls.unary(
      schedules.rescheduleToken,
      ({ wanted, ...asking }) => desk.rescheduleToken(wanted, asking),
      responses.tokenAndChanges,
    ),
  } satisfies Record<keyof OpdServiceService, UntypedHandleCall>;
}

/**
 * The generated definition, but that bytes that are no message reach the handler, watch updates come ready encoded, and
 * answers are encoded by one writer.
 */
export function opdServiceDefinition(): OpdServiceService {
  const methods = Object.entries(OpdServiceService).map(([name, method]) => {
    const rpc = method.path.split('/').at(-1);
    // biome-ignore lint/performance/noDynamicNamespaceImportAccess: nothing is bundled, and the names follow from the contract
    const response = messages[`${rpc}Response` as keyof typeof messages] as Encoder<unknown>;
    // biome-ignore lint/performance/noDynamicNamespaceImportAccess: likewise
    const request = messages[`${rpc}Request` as keyof typeof messages] as Decoder;
    const requestDeserialize = readable(request, `opd.v1.${rpc}Request`);
    return [name, { ...method, requestDeserialize, responseSerialize: (value: unknown) => encode(response, value) }];
  });
  const definition = Object.fromEntries(methods) as unknown as OpdServiceService;
  return { ...definition, watchQueue: { ...definition.watchQueue, responseSerialize: asItIs } };
}

interface Decoder {
  decode(reader: BinaryReader): unknown;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const decodeUtf8 = (bytes: Uint8Array) => utf8.decode(bytes);

/**
 * Left to itself, grpc-js would answer unreadable bytes with INTERNAL and the decoder's own words, and the decoder would take
 * any bytes that are no UTF-8 for the same text, so that two patients could become one.
 */
function readable(request: Decoder, messageName: string) {
  return (bytes: Buffer): unknown => {
    try {
      return request.decode(new BinaryReader(bytes, decodeUtf8));
    } catch {
      return new Unreadable(messageName);
    }
  };
}

function asItIs(update: unknown): Buffer {
  return update as Buffer;
}
