/** Slips of the desk: commands that must be refused, each for its reason, and must leave the day as it is (I9). */
import { type AllocateTokenRequest, OpdServiceService } from '../../gen/opd/v1/opd_service.js';
import { TokenSource } from '../../gen/opd/v1/resources.js';
import type { Method } from '../client/call.js';
import type { Reason } from '../domain/refusal.js';
import type { SlotSummary } from '../domain/slot.js';
import { formatTimeOfDay, type Instant } from '../domain/time.js';
import { holdsSeat, isLive, type Token } from '../domain/token.js';
import type { Board } from './board.js';
import type { Random } from './random.js';

/** What a slip may be made with. */
export interface Occasion {
  readonly board: Board;
  readonly now: Instant;
  readonly random: Random;
  readonly doctorId: string;
  readonly date: string;
  /** An AllocateToken that was accepted, if there has been one. */
  readonly accepted: AllocateTokenRequest | undefined;
}

/** Makes the slip through `see`; its type ties method and request together. */
export interface Slip {
  /** What somebody tried, in words. */
  readonly attempt: string;
  readonly reason: Reason;
  readonly make: (see: See) => Promise<void>;
}

type See = <Request, Response>(method: Method<Request, Response>, request: Request, reason: Reason) => Promise<void>;

type Trap = (occasion: Occasion) => Slip | undefined;

const TRAPS: readonly Trap[] = [
  function secondToken({ board, now, random }) {
    const token = random.pick(board.tokens.filter(isLive));
    const slot = openSlots(board, now).at(-1);
    return (
      token &&
      slot &&
      allocating(random, slot, token.patientRef, `a second token for #${token.number}`, 'PATIENT_HAS_TOKEN')
    );
  },
  function cancelledTwice({ board, random }) {
    const token = random.pick(board.tokens.filter((each) => !isLive(each)));
    return token && cancelling(random, token, 'TOKEN_NOT_LIVE');
  },
  function reusedRequestId({ accepted }) {
    if (!accepted) return undefined;
    const other = { source: TokenSource.WALK_IN, patientRef: `${accepted.patientRef}-B`, validateOnly: false };
    const request = { ...accepted, ...other };
    return slip('another patient under a request id used before', 'REQUEST_ID_REUSED', 'allocateToken', request);
  },
  function endedSlot({ board, now, random }) {
    const slot = random.pick(board.slots.filter(({ endsAt }) => endsAt <= now));
    return (
      slot && allocating(random, slot, '', `a token for ${formatTimeOfDay(slot.start)}, which is over`, 'SLOT_ENDED')
    );
  },
  function noShowWithoutSeat({ board, random }) {
    const token = random.pick(board.tokens.filter((each) => isLive(each) && !holdsSeat(each)));
    const request = { tokenId: token?.id ?? '', requestId: random.uuid() };
    return token && slip(`#${token.number} a no-show, who has no seat`, 'TOKEN_WITHOUT_SEAT', 'markNoShow', request);
  },
  function emergencyAtTheWindow({ board, now, random }) {
    const slot = openSlots(board, now)[0];
    const request = {
      slotId: slot?.id ?? '',
      source: TokenSource.EMERGENCY,
      patientRef: '',
      seatOnly: false,
      validateOnly: false,
      requestId: random.uuid(),
    };
    return slot && slip('an emergency through AllocateToken', 'INVALID_FIELDS', 'allocateToken', request);
  },
  function closedSlot({ board, now, random }) {
    const slot = board.slots.find(({ endsAt, isClosed }) => isClosed && endsAt > now);
    const attempt = `a token for ${slot && formatTimeOfDay(slot.start)}, which is closed`;
    return slot && allocating(random, slot, '', attempt, 'SLOT_CLOSED');
  },
  function calledWhileBusy({ board, random }) {
    const busy = board.tokens.some(({ status }) => status === 'SERVING');
    const next = random.pick(board.tokens.filter(({ status }) => status === 'ACTIVE'));
    const request = {
      tokenId: next?.id ?? '',
      completeCurrent: false,
      expectedCurrentTokenId: '',
      validateOnly: false,
      requestId: random.uuid(),
    };
    return busy && next ? slip(`#${next.number} in, while another is`, 'DOCTOR_BUSY', 'callToken', request) : undefined;
  },
  function checkedInTwice({ board, random }) {
    const here = board.tokens.filter(({ status, checkedInAt }) => status === 'ACTIVE' && checkedInAt !== undefined);
    const token = random.pick(here);
    const request = { tokenId: token?.id ?? '', validateOnly: false, requestId: random.uuid() };
    return token && slip(`#${token.number} checked in again`, 'TOKEN_CHECKED_IN', 'checkInToken', request);
  },
  function doneBeforeCalled({ board, random }) {
    const token = random.pick(board.tokens.filter((each) => isLive(each) && each.status !== 'SERVING'));
    const request = { tokenId: token?.id ?? '', validateOnly: false, requestId: random.uuid() };
    return token && slip(`#${token.number} done, who is not in`, 'TOKEN_NOT_SERVING', 'completeToken', request);
  },
  function overlappingSlot({ board, now, random, doctorId, date }) {
    const slot = openSlots(board, now)[0];
    if (!slot) return undefined;
    const window = { start: formatTimeOfDay(slot.start), end: formatTimeOfDay(slot.end) };
    const request = { doctorId, date, ...window, capacity: 1, requestId: random.uuid() };
    return slip(`a second slot at ${window.start}`, 'SLOT_OVERLAPS', 'createSlot', request);
  },
];

/** The next slip that the occasion allows, so that a day sees as many kinds as it can: `turn` is 0, 1, 2, … */
export function nextSlip(occasion: Occasion, turn: number): Slip | undefined {
  const order = [...TRAPS.slice(turn % TRAPS.length), ...TRAPS.slice(0, turn % TRAPS.length)];
  for (const trap of order) {
    const made = trap(occasion);
    if (made) return made;
  }
  return undefined;
}

type Methods = Pick<
  OpdServiceService,
  'allocateToken' | 'cancelToken' | 'markNoShow' | 'createSlot' | 'callToken' | 'checkInToken' | 'completeToken'
>;
type RequestOf<Name extends keyof Methods> = Parameters<Methods[Name]['requestSerialize']>[0];

function slip<Name extends keyof Methods>(attempt: string, reason: Reason, name: Name, request: RequestOf<Name>): Slip {
  const method = OpdServiceService[name] as unknown as Method<RequestOf<Name>, unknown>;
  return { attempt, reason, make: (see) => see(method, request, reason) };
}

function allocating(random: Random, slot: SlotSummary, patientRef: string, attempt: string, reason: Reason): Slip {
  const request = {
    slotId: slot.id,
    source: TokenSource.PAID,
    patientRef,
    seatOnly: false,
    validateOnly: false,
    requestId: random.uuid(),
  };
  return slip(attempt, reason, 'allocateToken', request);
}

function cancelling(random: Random, { id, number, status }: Token, reason: Reason): Slip {
  const request = { tokenId: id, reason: '', validateOnly: false, requestId: random.uuid() };
  return slip(`cancelling #${number}, who is ${status}`, reason, 'cancelToken', request);
}

function openSlots(board: Board, now: Instant): SlotSummary[] {
  return board.slots.filter(({ endsAt, isClosed }) => endsAt > now && !isClosed);
}
