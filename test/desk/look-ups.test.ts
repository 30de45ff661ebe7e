/** What the desk finds in a day, or refuses as not being there. */
import type { DoctorDay } from '../../src/domain/doctor-day.js';
import { answered } from '../../src/domain/refusal.js';
import type { SlotId } from '../../src/domain/slot.js';
import type { TokenId } from '../../src/domain/token.js';
import type { DayKey } from '../../src/store/store.js';
import { accepted, Clinic, newId, reasonOf, TOMORROW, tokenOf } from './clinic.js';

let clinic: Clinic;
let key: DayKey;
let slotId: SlotId;

beforeEach(async () => {
  clinic = await Clinic.open();
  ({ key, slotId } = await clinic.day());
});
afterEach(async () => {
  await clinic.store.idle();
  await clinic.store.close();
});

const idOf = (_: DoctorDay, { id }: { id: string }) => answered(id);

test.each([false, true])('a slot and a token are found by their ids alone (after a restart: %s)', async (restarts) => {
  const tokenId = tokenOf(await clinic.allocate(slotId, 'asha'));
  if (restarts) clinic.restart();
  expect(accepted(await clinic.desk.readSlot(slotId, idOf))).toBe(slotId);
  expect(accepted(await clinic.desk.readToken(tokenId, idOf))).toBe(tokenId);
});

test('a slot and a token that nobody has made are not found', async () => {
  expect(reasonOf(await clinic.desk.readSlot(`slot_${newId()}` as SlotId, idOf))).toBe('SLOT_NOT_FOUND');
  expect(reasonOf(await clinic.desk.readToken(`token_${newId()}` as TokenId, idOf))).toBe('TOKEN_NOT_FOUND');
});

describe('a watch begins', () => {
  const start = (slotId?: SlotId, afterRevision?: number, date = key.date) =>
    clinic.desk.startOfWatch({ ...key, date }, { slotId, afterRevision, epoch: undefined });

  test.each<[string, number | undefined, number | undefined]>([
    ['with a snapshot, where nothing has been seen', undefined, undefined],
    ['after the revision seen', 0, 0],
    ['after the last revision there is', 1, 1],
    ['with a snapshot, where the revision is from the future (Watch 6)', 2, undefined],
  ])('%s', async (_, seen, afterRevision) => {
    expect(accepted(await start(slotId, seen))).toEqual({ key, afterRevision, epoch: clinic.store.epoch.id });
  });

  test('today, where no date is named', async () => {
    expect(accepted(await clinic.desk.startOfWatch({ doctorId: key.doctorId }, WHOLE_DAY)).key).toEqual(key);
  });

  test('not at a slot of another date (Watch 3), nor for an unknown doctor (Watch 8)', async () => {
    expect(reasonOf(await start(slotId, undefined, TOMORROW))).toBe('SLOT_NOT_FOUND');
    const unknown = { doctorId: `doc_${newId()}` as DayKey['doctorId'] };
    expect(reasonOf(await clinic.desk.startOfWatch(unknown, WHOLE_DAY))).toBe('DOCTOR_NOT_FOUND');
  });

  const WHOLE_DAY = { slotId: undefined, afterRevision: undefined, epoch: undefined };
});
