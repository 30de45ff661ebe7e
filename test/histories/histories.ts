/** What the recorded histories are made of: each a day, and the commands that are given on it. */
import type { SlotsToClose } from '../../src/domain/close-slots.js';
import type { Command } from '../../src/domain/command.js';
import type { ZoneDataVersion } from '../../src/domain/zone-data.js';
import {
  allocate,
  call,
  callNext,
  cancel,
  checkIn,
  close,
  complete,
  createSlot,
  deleteSlot,
  emergency,
  emergencyForDoctor,
  noShow,
  reopen,
  resize,
  retime,
  sendBack,
  timeOfDay,
  update,
} from '../domain/scenario.js';

/** All slots between two hours together. */
export interface CloseAll extends Pick<SlotsToClose, 'start' | 'end' | 'reason'> {
  readonly kind: 'CloseSlots';
}

export interface History {
  readonly name: string;
  /** The first line of the notation. */
  readonly day: string;
  /** The first command comes then, each next a minute later. */
  readonly from: string;
  readonly commands: readonly (Command | CloseAll)[];
  /** By the zone rules of the time when its slots were created, local times came so many minutes later than by today's. */
  readonly minutesLaterBefore?: number;
  /** Time passes until then when all commands have been given. */
  readonly until?: string;
}

export const HISTORIES: readonly History[] = [
  {
    name: 'crowded-morning',
    day: '2026-01-31 Asia/Kolkata ON_EMERGENCY',
    from: '2026-01-31T03:00:00.000Z',
    commands: [
      createSlot('09:00-09:30', 2),
      createSlot('09:30-10:00', 2),
      allocate('WALK_IN', '09:00', 'asha'),
      allocate('ONLINE', '09:00', 'bela'),
      allocate('PAID', '09:00', 'chand'),
      allocate('WALK_IN', '09:00', 'dev'),
      allocate('FOLLOW_UP', '09:30', 'esha'),
      emergency('09:00', 'farid'),
      noShow(3),
      cancel(2),
      cancel(4),
    ],
  },
  {
    name: 'turned-emergency',
    day: '2026-02-14 America/Los_Angeles ALWAYS',
    from: '2026-02-14T16:45:00.000Z',
    commands: [
      createSlot('09:00-09:30', 1),
      createSlot('09:30-10:00', 1),
      allocate('PAID', '09:00', 'ann'),
      allocate('ONLINE', '09:30', 'bob'),
      emergency('09:00', 'bob'),
      emergencyForDoctor('ann "the second" lee'),
      emergencyForDoctor(''),
    ],
  },
  {
    name: 'late-slot',
    day: '2026-03-29 Europe/Berlin ALWAYS',
    from: '2026-03-29T00:30:00.000Z',
    commands: [
      createSlot('02:00-03:30', 1),
      allocate('WALK_IN', '02:00', 'jörg'),
      allocate('ONLINE', '02:00', 'kai'),
      allocate('PAID', '02:00', 'lea'),
      createSlot('23:30-24:00', 1000),
      noShow(3),
    ],
  },
  {
    name: 'nobody-moves',
    day: '2026-12-31 UTC NEVER',
    from: '2026-12-31T08:55:00.000Z',
    commands: [
      createSlot('09:00-09:10', 1),
      createSlot('09:10-09:20', 1),
      allocate('FOLLOW_UP', '09:00'),
      emergency('09:00'),
      emergency('09:00'),
      cancel(2),
      cancel(3),
    ],
  },
  {
    name: 'called-away',
    day: '2026-03-02 Asia/Kolkata ON_EMERGENCY',
    from: '2026-03-02T03:31:00.000Z',
    commands: [
      createSlot('09:00-10:00', 2),
      createSlot('10:00-11:00', 1),
      createSlot('11:00-12:00', 2),
      allocate('WALK_IN', '09:00', 'asha'),
      allocate('ONLINE', '09:00', 'bela'),
      allocate('WALK_IN', '09:00', 'chand'),
      allocate('PAID', '10:00', 'dev'),
      checkIn(1),
      callNext(),
      call(2, true),
      sendBack(2),
      resize('09:00', 4),
      allocate('ONLINE', '09:00', 'esha'),
      emergency('09:00', 'farid'),
      resize('09:00', 3),
      call(2),
      close('09:00', 'a stroke on ward 3'),
      complete(2),
    ],
  },
  {
    name: 'nightfall',
    day: '2026-03-03 Asia/Kolkata ON_EMERGENCY no-show-after=900s',
    from: '2026-03-03T03:25:00.000Z',
    until: '2026-03-03T18:30:00.000Z',
    commands: [
      createSlot('09:00-09:30', 2),
      createSlot('09:30-10:00', 2),
      createSlot('10:00-10:10', 1),
      allocate('ONLINE', '09:00', 'asha'),
      allocate('WALK_IN', '09:00', 'bela'),
      allocate('WALK_IN', '09:00', 'chand'),
      allocate('WALK_IN', '09:00', 'dev'),
      allocate('PAID', '09:30', 'esha'),
      emergency('09:00', 'farid'),
      checkIn(6),
      callNext(),
      checkIn(5),
      allocate('PAID', '10:00', 'gita'),
      allocate('ONLINE', '10:00', 'hari'),
    ],
  },
  {
    name: 'law-changed',
    day: '2027-01-04 America/Vancouver ON_EMERGENCY',
    from: '2026-12-01T17:00:00.000Z',
    minutesLaterBefore: 60,
    commands: [
      createSlot('09:00-09:30', 1),
      createSlot('09:30-10:00', 1),
      allocate('ONLINE', '09:00', 'ann'),
      { kind: 'CLOCK', zoneData: '2026e' as ZoneDataVersion },
      allocate('PAID', '09:00', 'bob'),
    ],
    until: '2027-01-04T17:00:00.000Z',
  },
  {
    name: 'guarded-calls',
    day: '2026-03-04 Asia/Kolkata ON_EMERGENCY',
    from: '2026-03-04T03:25:00.000Z',
    commands: [
      createSlot('09:00-09:10', 3),
      createSlot('09:30-10:00', 2),
      allocate('ONLINE', '09:00', 'asha'),
      allocate('PAID', '09:00', 'bela'),
      allocate('PAID', '09:30', 'chand'),
      emergency('09:30', 'dev'),
      checkIn(1),
      checkIn(2),
      checkIn(3),
      callNext(),
      checkIn(4),
      callNext(undefined, true, 2),
      sendBack(4),
      callNext(),
      call(1, true, 4),
      complete(1),
      callNext(undefined, true, 1),
    ],
  },
  {
    name: 'paid-later',
    day: '2026-03-04 Asia/Kolkata ALWAYS aging=10 protects-here displaced-at-most=1',
    from: '2026-03-04T03:25:00.000Z',
    commands: [
      createSlot('09:00-10:00', 2),
      createSlot('10:00-11:00', 1),
      allocate('WALK_IN', '09:00', 'asha'),
      allocate('PAID', '09:00'),
      allocate('WALK_IN', '09:00', 'chand'),
      allocate('ONLINE', '09:00', 'dev'),
      update(3, { source: 'PAID', patientRef: 'MRN-3' }),
      update(2, { source: 'WALK_IN' }),
      checkIn(3),
      call(3),
      update(3, { patientRef: '' }),
      emergency('09:00', 'farid'),
      update(5, { patientRef: 'MRN-5' }),
      complete(3),
    ],
  },
  {
    name: 'doctor-back',
    day: '2026-03-05 Asia/Kolkata ON_EMERGENCY',
    from: '2026-03-05T03:00:00.000Z',
    commands: [
      createSlot('09:00-10:00', 1),
      createSlot('10:00-11:00', 1),
      createSlot('12:00-13:00', 2),
      allocate('ONLINE', '10:00', 'asha'),
      allocate('WALK_IN', '10:00', 'bela'),
      emergency('10:00', 'chand'),
      deleteSlot('09:00'),
      close('12:00', 'called to the ward'),
      emergency('10:00', 'dev'),
      reopen('12:00'),
      retime('12:00', '11:30-12:30', 3),
    ],
  },
  {
    name: 'doctor-ill',
    day: '2026-03-06 Asia/Kolkata ON_EMERGENCY',
    from: '2026-03-06T03:31:00.000Z',
    commands: [
      createSlot('09:00-10:00', 2),
      createSlot('10:00-11:00', 1),
      createSlot('11:00-12:00', 1),
      createSlot('12:00-13:00', 2),
      allocate('WALK_IN', '09:00', 'asha'),
      allocate('ONLINE', '09:00', 'bela'),
      allocate('PAID', '10:00', 'chand'),
      allocate('WALK_IN', '10:00', 'dev'),
      emergency('11:00', 'esha'),
      allocate('FOLLOW_UP', '12:00', 'farid'),
      checkIn(1),
      call(1),
      closeAll('09:00', '12:00', 'ill since nine'),
      closeAll('00:00', '24:00', 'ill'),
    ],
  },
];

function closeAll(start: string, end: string, reason: string): CloseAll {
  return { kind: 'CloseSlots', start: timeOfDay(start), end: timeOfDay(end), reason };
}
