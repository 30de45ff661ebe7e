/** One revision in the making: events are recorded and applied as they are decided, and add up to one Change. */
import { type RecordedCommand, reasonOf } from './command.js';
import { byStart, type DoctorDay } from './doctor-day.js';
import type {
  Change,
  DayEvent,
  SlotClosed,
  SlotReopenedOrDeleted,
  SlotResized,
  SlotRetimed,
  TokenEffect,
} from './event.js';
import { evolve } from './evolve.js';
import type { Slot, SlotId } from './slot.js';
import type { Instant } from './time.js';
import type { TokenId } from './token.js';

export class Turn {
  readonly events: DayEvent[] = [];
  readonly #effects: TokenEffect[] = [];
  /** A handful at the most, nearly always one. */
  readonly #touched: Slot[] = [];
  #created: SlotId[] | undefined;
  #changed: SlotId | undefined;
  readonly #closed: SlotId[] = [];
  #left: readonly TokenId[] = [];

  /** @param now when it happens; every token that it changes is stamped with it */
  constructor(
    readonly day: DoctorDay,
    readonly command: RecordedCommand,
    readonly now: Instant,
  ) {
    if (command.kind === 'CloseSlots') this.#left = command.left ?? [];
  }

  /** The tokens that CloseSlots has left where they were. */
  get left(): readonly TokenId[] {
    return this.#left;
  }

  leave(left: readonly TokenId[]): void {
    this.#left = left;
  }

  /** Applies an event; answers with its effect. */
  record(event: DayEvent): TokenEffect | undefined {
    // Before the deletion, after which the slot cannot be found.
    if (event.kind === 'SLOT_DELETED') this.#alter(event.slotId);
    const effect = evolve(this.day, event, this.now);
    this.events.push(event);
    if (effect) this.#note(effect);
    else if (event.kind === 'SLOT_CREATED') this.#create(event.id);
    else if (event.kind === 'SLOT_ENDED') this.#touch(event.slotId);
    else if (event.kind === 'SLOT_RETIMED' && this.command.kind === 'CLOCK') this.#touch(event.slotId);
    else if (isAboutOneSlot(event)) this.#alter(event.slotId);
    if (event.kind === 'SLOT_CLOSED') this.#closed.push(event.slotId);
    return effect;
  }

  /** Closes the revision. */
  finish(): Change {
    const revision = this.day.revision + 1;
    this.day.advance(revision, this.now);
    if (this.#touched.length > 1) this.#touched.sort(byStart);
    const slots = this.#touched.map((slot) => slot.summary());
    const { command, now: at } = this;
    const [cause, reason, effects] = [command.kind, reasonOf(command), this.#effects];
    // Written out: what is spread and added to gets a shape of its own, which costs as much as the rest, and stays as long as it.
    if (this.#created) return { revision, at, cause, reason, effects, slots, createdSlotIds: this.#created };
    if (command.kind === 'CloseSlots') {
      const left = this.#left.map((id) => this.day.tokenOf(id));
      return { revision, at, cause, reason, effects, slots, closed: { slotIds: this.#closed, left } };
    }
    if (this.#changed) return { revision, at, cause, reason, effects, slots, changedSlotId: this.#changed };
    return { revision, at, cause, reason, effects, slots };
  }

  #note(effect: TokenEffect): void {
    this.#effects.push(effect);
    this.#touch(effect.token.slotId);
    if (effect.fromSlotId) this.#touch(effect.fromSlotId);
  }

  #create(id: SlotId): void {
    this.#created ??= [];
    this.#created.push(id);
    this.#touch(id);
  }

  #alter(id: SlotId): void {
    this.#changed = id;
    this.#touch(id);
  }

  #touch(id: SlotId): void {
    const slot = this.day.slotOf(id);
    if (!this.#touched.includes(slot)) this.#touched.push(slot);
  }
}

/** Whether the event is about the one slot that its command named. */
function isAboutOneSlot(event: DayEvent): event is SlotResized | SlotClosed | SlotReopenedOrDeleted | SlotRetimed {
  return ABOUT_ONE_SLOT.has(event.kind);
}

const ABOUT_ONE_SLOT: ReadonlySet<DayEvent['kind']> = new Set([
  'SLOT_RESIZED',
  'SLOT_CLOSED',
  'SLOT_REOPENED',
  'SLOT_RETIMED',
]);

/** One row of a day's journal, as far as the rules are concerned. */
export interface Recorded {
  readonly revision: number;
  readonly at: Instant;
  /** What it was that was carried out: tells why. */
  readonly command: RecordedCommand;
  readonly events: readonly DayEvent[];
}

/** Applies one recorded revision (I8); answers with the very Change that was answered when it was made. */
export function replay(day: DoctorDay, recorded: Recorded): Change {
  const turn = new Turn(day, recorded.command, recorded.at);
  for (const event of recorded.events) turn.record(event);
  const change = turn.finish();
  if (change.revision !== recorded.revision) {
    throw new Error(`revision ${recorded.revision} cannot follow ${change.revision - 1} (I7)`);
  }
  return change;
}
