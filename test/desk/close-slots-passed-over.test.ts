/** CloseSlots passes over a day whose slot another command is closing, and that command is lost: at whatever moment it comes. */
import type { LocalDate } from '../../src/domain/time.js';
import type { DayKey } from '../../src/store/store.js';
import { accepted, type Clinic, inFreshClinic, reasonOf, TODAY, TOMORROW } from './clinic.js';
import type { HeldCommit } from './scripted-store.js';

const DAY_AFTER = '2026-02-02' as LocalDate;

let clinic: Clinic;

inFreshClinic((fresh) => {
  clinic = fresh;
});

/** Microtasks after which CloseSlots has long been decided, while it waits for the disk. */
const MOMENTS = 30;

const isAfter = ({ date }: DayKey) => date === DAY_AFTER;

/** Nothing but a CloseSlot on the day after. */
function isLost({ batch }: HeldCommit): boolean {
  const kinds = batch.flatMap(({ entries }) => entries.map(({ command }) => command.kind));
  return batch.every(({ key }) => isAfter(key)) && kinds.every((kind) => kind === 'CloseSlot');
}

/** Gives each batch its fate until all have their answers: the day after is in conflict once, and then not on disk. */
async function loseClosing(answers: Promise<unknown>): Promise<void> {
  let isOver = false;
  void answers.finally(() => {
    isOver = true;
  });
  (await clinic.store.nextHeld()).meet({ conflictOn: isAfter });
  while (!isOver) {
    await clinic.store.idle();
    const held = clinic.store.heldNow();
    held?.meet(isLost(held) ? 'failBefore' : 'keep');
  }
  clinic.store.release();
}

test('its slot is closed all the same, or the call does not succeed', async () => {
  const outcomes = new Set<string>();
  for (let moment = 0; moment < MOMENTS; moment += 1) {
    const { key } = await clinic.day(1, TODAY);
    const far = { ...key, date: DAY_AFTER };
    const slotId = await clinic.slot(far, 1);
    // With all days in memory nothing but microtasks comes before the decision.
    accepted(await clinic.standing({ ...key, date: TOMORROW }));
    clinic.store.hold();
    const all = clinic.closeSlots(key.doctorId, [TODAY, DAY_AFTER]);
    for (let passed = 0; passed < moment; passed += 1) await Promise.resolve();
    const one = clinic.closeSlot(slotId);
    await loseClosing(Promise.all([all, one]));
    const [slot] = accepted(await clinic.standing(far)).slots;
    outcomes.add(`${reasonOf(await all)}, and the slot is ${slot?.isClosed ? 'closed' : 'open'}`);
  }
  expect([...outcomes]).toEqual(['answered, and the slot is closed']);
});
