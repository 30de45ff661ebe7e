/** Which slot a patient asks for. */
import type { SlotSummary } from '../domain/slot.js';
import type { Instant } from '../domain/time.js';
import type { TokenSource } from '../domain/token.js';
import type { Random } from './random.js';

/** Of those who book online, the share that wants a slot whether or not it is full. */
const INSISTS = 0.2;
/** A walk-in asks no more for a slot that ends within this time. */
const WALK_IN_MINUTES_MIN = 10;

/** The slot, of those on the board by start; undefined where there is none left to ask for. */
export function slotFor(
  source: TokenSource,
  slots: readonly SlotSummary[],
  now: Instant,
  random: Random,
): SlotSummary | undefined {
  const open = slots.filter(({ endsAt, isClosed }) => endsAt > now && !isClosed);
  switch (source) {
    case 'ONLINE':
      return bookedOnline(open, random);
    case 'FOLLOW_UP': // when the doctor said, full or not
      return random.pick(open);
    case 'PAID': // one of the next three, full or not
      return random.pick(open.slice(0, 3));
    case 'WALK_IN':
      return walkedIn(open, now);
    case 'EMERGENCY':
      return random.pick(open.slice(0, 2));
  }
}

/** Whoever books online is shown the free seats, and likes the early ones. */
function bookedOnline(open: readonly SlotSummary[], random: Random): SlotSummary | undefined {
  const free = open.filter(hasFreeSeat);
  const choices = free.length === 0 || random.chance(INSISTS) ? open : free;
  return choices[Math.floor(random.fraction() ** 2 * choices.length)];
}

/** Whoever walks in is here already: the first free seat of the next three slots, or else to wait in the first. */
function walkedIn(open: readonly SlotSummary[], now: Instant): SlotSummary | undefined {
  const next = open.filter(({ endsAt }) => endsAt - now > WALK_IN_MINUTES_MIN * 60_000).slice(0, 3);
  return next.find(hasFreeSeat) ?? next[0];
}

function hasFreeSeat({ seatsTaken, capacity }: SlotSummary): boolean {
  return seatsTaken < capacity;
}
