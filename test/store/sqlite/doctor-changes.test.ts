import type { DoctorUpdate } from '../../../src/domain/doctor-update.js';
import type { Instant } from '../../../src/domain/time.js';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.js';
import { AT, doctor, doctorId, request } from '../samples.js';
import { ask, freshPath } from './scratch.js';

const [EARLIER, LATER] = [(AT - 1_000) as Instant, (AT + 1_000) as Instant];
const NEW_POLICY: DoctorUpdate = { policy: { noShowGraceMilliseconds: 60_000 } };

test.each<[string, DoctorUpdate, Instant[]]>([
  ['is put forward by a new policy, for its doctor alone', NEW_POLICY, [EARLIER, AT, LATER]],
  ['stays where the policy does', { name: 'Dr. Sen', policy: doctor(1).policy }, [EARLIER, LATER, LATER]],
])('when something is next due %s', async (_, update, due) => {
  const path = freshPath();
  const store = await openSqliteStore(path);
  await store.createDoctor(doctor(1));
  ask(
    path,
    `INSERT INTO day_due VALUES ('${doctorId(1)}', '2026-01-30', ${EARLIER}), ('${doctorId(1)}', '2026-01-31', ${LATER}),
    ('${doctorId(2)}', '2026-01-31', ${LATER})`,
  );
  await store.updateDoctor(doctorId(1), update, AT);
  const dueAt = ask(path, 'SELECT due_at FROM day_due ORDER BY doctor_id, date');
  expect(dueAt).toEqual(due.map((at) => ({ due_at: at })));
  await store.close();
});

test('R18 · what was answered is answered again after the store was closed and opened', async () => {
  const path = freshPath();
  const first = await openSqliteStore(path);
  await first.createDoctor(doctor(1), request(7));
  const answer = await first.updateDoctor(doctorId(1), NEW_POLICY, AT, request(8));
  await first.updateDoctor(doctorId(1), { name: 'Dr. Sen' }, LATER, request(9));
  await first.close();
  const second = await openSqliteStore(path);
  expect(await second.updateDoctor(doctorId(1), { name: 'x' }, LATER, request(8))).toEqual({
    ...answer,
    current: { ...answer?.doctor, name: 'Dr. Sen' },
  });
  expect(await second.createDoctor(doctor(2), request(7))).toEqual({ doctor: doctor(1), digest: 'digest' });
  await second.close();
});
