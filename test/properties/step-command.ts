/** The command that a step of a random day stands for. */
import type { Admission } from '../../src/domain/command.js';
import type { DoctorDay } from '../../src/domain/doctor-day.js';
import type { SlotId } from '../../src/domain/slot.js';
import { formatTimeOfDay, parseTimeOfDay, type TimeOfDay } from '../../src/domain/time.js';
import type { TokenId } from '../../src/domain/token.js';
import { PLAIN_DOCTOR, type PlainCommand } from './plain-state.js';
import type { Admitting, Step } from './step.js';

type SlotStep = Extract<Step, { does: 'create' | 'resize' | 'retime' | 'close' | 'closeAll' | 'reopen' | 'delete' }>;

export function commandOf(day: DoctorDay, step: Exclude<Step, { does: 'wait' }>): PlainCommand {
  return isAboutSlots(step) ? slotCommandOf(day, step) : tokenCommandOf(day, step);
}

const ABOUT_SLOTS: ReadonlySet<Step['does']> = new Set<SlotStep['does']>([
  'create',
  'resize',
  'retime',
  'close',
  'closeAll',
  'reopen',
  'delete',
]);

function isAboutSlots(step: Step): step is SlotStep {
  return ABOUT_SLOTS.has(step.does);
}

function slotCommandOf(day: DoctorDay, step: SlotStep): PlainCommand {
  switch (step.does) {
    case 'create':
      return { kind: 'CreateSlot', start: timeOf(step.start), end: timeOf(step.end), capacity: step.capacity };
    case 'resize':
      return { kind: 'UpdateSlot', slotId: slotAt(day, step.start), capacity: step.capacity };
    case 'retime': {
      const times = { ...(step.to && { start: timeOf(step.to) }), ...(step.end && { end: timeOf(step.end) }) };
      const capacity = step.capacity === undefined ? {} : { capacity: step.capacity };
      return { kind: 'UpdateSlot', slotId: slotAt(day, step.start), ...times, ...capacity };
    }
    case 'closeAll':
      return { kind: 'CloseSlots', start: timeOf(step.start), end: timeOf(step.end), reason: 'ill' };
    case 'reopen':
      return { kind: 'ReopenSlot', slotId: slotAt(day, step.start) };
    case 'delete':
      return { kind: 'DeleteSlot', slotId: slotAt(day, step.start) };
    case 'close':
      return { kind: 'CloseSlot', slotId: slotAt(day, step.start), reason: 'called away' };
  }
}

function tokenCommandOf(day: DoctorDay, step: Exclude<Step, SlotStep | { does: 'wait' }>): PlainCommand {
  switch (step.does) {
    case 'allocate':
      return {
        ...{ kind: 'AllocateToken', slotId: slotAt(day, step.start), source: step.source, patientRef: step.patient },
        ...(step.seatOnly && { seatOnly: true }),
      };
    case 'emergency': {
      const target = step.start === undefined ? { doctorId: PLAIN_DOCTOR } : { slotId: slotAt(day, step.start) };
      return { kind: 'InsertEmergency', target, patientRef: step.patient };
    }
    case 'cancel':
      return { kind: 'CancelToken', tokenId: tokenAt(day, step.number), reason: '' };
    case 'noShow':
      return { kind: 'MarkNoShow', tokenId: tokenAt(day, step.number) };
    case 'update': {
      const { does: _, number, ...changes } = step;
      return { kind: 'UpdateToken', tokenId: tokenAt(day, number), ...changes };
    }
    case 'checkIn':
      return { kind: 'CheckInToken', tokenId: tokenAt(day, step.number) };
    case 'sendBack':
    case 'complete':
      return { kind: DOOR[step.does], tokenId: servingOf(day) ?? tokenAt(day, step.number) };
    case 'callNext': {
      const target = step.start === undefined ? { doctorId: PLAIN_DOCTOR } : { slotId: slotAt(day, step.start) };
      return { kind: 'CallNextToken', target, ...admission(day, step) };
    }
    case 'reschedule':
      return {
        ...{ kind: 'RescheduleToken', tokenId: tokenAt(day, step.number), slotId: slotAt(day, step.start) },
        ...(step.seatOnly && { seatOnly: true }),
      };
    case 'call':
      return { kind: 'CallToken', tokenId: tokenAt(day, step.number), ...admission(day, step) };
  }
}

function slotAt(day: DoctorDay, start: string): SlotId {
  const slot = day.slots.find(({ terms }) => formatTimeOfDay(terms.start) === start);
  return slot?.id ?? (`slot_none_${start}` as SlotId);
}

function tokenAt(day: DoctorDay, number: number): TokenId {
  return `token_${((number - 1) % day.nextNumber) + 1}` as TokenId;
}

/** Nine times in ten it is the one in the room who comes out. */
function servingOf(day: DoctorDay): TokenId | undefined {
  return day.revision % 10 === 0 ? undefined : day.serving?.id;
}

function admission(day: DoctorDay, { completeCurrent, expected }: Admitting): Admission {
  if (expected === undefined) return { completeCurrent };
  const tokenId = expected === 0 ? day.serving?.id : undefined;
  return { completeCurrent, expectedCurrentTokenId: tokenId ?? tokenAt(day, Math.max(1, expected)) };
}

const DOOR = { sendBack: 'ReturnToken', complete: 'CompleteToken' } as const;

function timeOf(text: string): TimeOfDay {
  return parseTimeOfDay(text) as TimeOfDay;
}
