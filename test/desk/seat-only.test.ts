/**
 * Only with a seat, over the desk: what is refused leaves both days and their journals alone, and
 * may be asked again.
 */
import { accepted, type Clinic, durableRevision, inFreshClinic, newId, reasonOf, TOMORROW, tokenOf } from './clinic.js';

let clinic: Clinic;
inFreshClinic((fresh) => {
  clinic = fresh;
});

test('a token that would wait is refused, and asked again under its id once there is a seat', async () => {
  const { key, slotId } = await clinic.day(1);
  const first = tokenOf(await clinic.allocate(slotId, 'asha'));
  const id = newId();
  const ask = () => clinic.ask({ slotId }, { ...WANTED, slotId, seatOnly: true }, id);
  expect(await ask()).toEqual({ ok: false, refusal: { reason: 'NO_FREE_SEAT', slotId } });
  expect(await durableRevision(clinic, key)).toBe(2);
  accepted(await clinic.cancel(first));
  const answer = accepted(await ask());
  expect(answer.change.effects.map(({ kind }) => kind)).toEqual(['ALLOCATED']);
  clinic.restart();
  expect(accepted(await ask())).toEqual(answer);
});

test('a token keeps its seat where there is none in the other slot, of the day or of another', async () => {
  const { key: today, slotId: near } = await clinic.day(1);
  const tomorrow = { ...today, date: TOMORROW };
  const [later, far] = [await clinic.slot(today, 1, 11), await clinic.slot(tomorrow, 1)];
  const asha = tokenOf(await clinic.allocate(near, 'asha'));
  for (const slot of [later, far]) await clinic.allocate(slot, '');
  const revisions = async () => [await durableRevision(clinic, today), await durableRevision(clinic, tomorrow)];
  const before = await revisions();
  for (const slot of [later, far]) {
    expect(reasonOf(await clinic.reschedule(asha, slot, newId(), { seatOnly: true }))).toBe('NO_FREE_SEAT');
  }
  expect(await revisions()).toEqual(before);
  const { tokens } = accepted(await clinic.standing(today));
  expect(tokens.find(({ id }) => id === asha)?.status).toBe('ACTIVE');
});

const WANTED = { kind: 'AllocateToken', source: 'ONLINE', patientRef: 'bala' } as const;
