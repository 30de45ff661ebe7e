/** The story of ../README.md, told by a client in TypeScript. Ends with a non-zero code where it goes otherwise. */
import assert from 'node:assert/strict';
import { execSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  CallFailed,
  createClient,
  type OpdClient,
  type QueueChange,
  type QueueView,
  type Slot,
  type Token,
  TokenSource,
  watchQueue,
} from 'opd-token-engine/client';

const DATE = '2099-01-31';

const STORY = [
  '3 AllocateToken: ALLOCATED P-1 09:00',
  '4 AllocateToken: ALLOCATED P-2 09:00',
  '5 AllocateToken: ALLOCATED P-3 09:00, DISPLACED P-1 09:00',
  '6 InsertEmergency: ALLOCATED E-1 09:00, DISPLACED P-2 09:00, MOVED P-2 10:00, MOVED P-1 10:00',
  '7 InsertEmergency: ALLOCATED E-2 09:00, DISPLACED P-3 09:00',
  '8 InsertEmergency: ALLOCATED E-3 09:00',
  '9 CancelToken: CANCELLED E-3 09:00',
  '10 CancelToken: CANCELLED E-2 09:00, PROMOTED P-3 09:00',
  '11 AllocateToken: QUEUED P-4 10:00',
];
const STORY_AFTER_THE_CUT = [
  '12 AllocateToken: ALLOCATED P-5 10:00, DISPLACED P-1 10:00',
  '13 CancelToken: CANCELLED P-5 10:00, PROMOTED P-1 10:00',
];

/** The front desk of one doctor on one day: a doctor and two slots of two seats. */
class Desk {
  readonly answered: QueueChange[] = [];

  private constructor(
    private readonly client: OpdClient,
    readonly doctorId: string,
    private readonly nine: Slot,
    readonly ten: Slot,
  ) {}

  static async open(client: OpdClient): Promise<Desk> {
    const { doctor } = await client.createDoctor({ name: 'Dr Rao', timeZone: 'Asia/Kolkata', requestId: randomUUID() });
    assert(doctor);
    const slot = async (start: string, end: string) => {
      const wanted = { doctorId: doctor.id, date: DATE, start, end, capacity: 2, requestId: randomUUID() };
      const answer = await client.createSlot(wanted);
      assert(answer.slot);
      return answer.slot;
    };
    return new Desk(client, doctor.id, await slot('09:00', '10:00'), await slot('10:00', '11:00'));
  }

  allocate(slot: Slot, source: TokenSource, patientRef: string, requestId = randomUUID()): Promise<Token> {
    return this.#note(this.client.allocateToken({ slotId: slot.id, source, patientRef, requestId }));
  }

  seat(source: TokenSource, patientRef: string): Promise<Token> {
    return this.allocate(this.nine, source, patientRef);
  }

  emergency(patientRef: string): Promise<Token> {
    const target = { $case: 'slotId' as const, value: this.nine.id };
    return this.#note(this.client.insertEmergency({ target, patientRef, requestId: randomUUID() }));
  }

  cancel({ id }: Token): Promise<Token> {
    return this.#note(this.client.cancelToken({ tokenId: id, reason: 'called off', requestId: randomUUID() }));
  }

  /** A command answers with its token and with all that it did to the day. */
  async #note(answer: Promise<{ token: Token | undefined; change: QueueChange | undefined }>): Promise<Token> {
    const { token, change } = await answer;
    assert(token && change);
    // The same command sent again gets the same answer: it is noted once.
    if (change.revision !== this.answered.at(-1)?.revision) this.answered.push(change);
    else assert.deepEqual(change, this.answered.at(-1));
    return token;
  }

  words({ revision, cause, tokens }: QueueChange): string {
    const starts = new Map([this.nine, this.ten].map(({ id, start }) => [id, start]));
    const effects = tokens.map(
      ({ kind, token }) => `${kind.replace('KIND_', '')} ${token?.patientRef} ${starts.get(token?.slotId ?? '')}`,
    );
    return `${revision} ${cause}: ${effects.join(', ')}`;
  }
}

async function next(views: AsyncGenerator<QueueView>): Promise<QueueView> {
  const { value, done } = await views.next();
  assert(!done, 'the watch ended');
  return value;
}

/** Views up to one that so many changes have led to; the others tell that the connection was lost, or is back. */
async function changes(views: AsyncGenerator<QueueView>, count: number): Promise<QueueView[]> {
  const seen: QueueView[] = [];
  while (seen.filter(({ change }) => change).length < count) seen.push(await next(views));
  return seen;
}

async function refusal(call: Promise<unknown>): Promise<CallFailed> {
  const error = await call.then(
    () => undefined,
    (failed: unknown) => failed,
  );
  assert(error instanceof CallFailed, 'the call was not refused');
  return error;
}

async function readRefusals(client: OpdClient, { ten }: Desk, walkIn: Token, online: Token): Promise<void> {
  const wrong = await refusal(client.allocateToken({ slotId: walkIn.id }));
  assert.equal(wrong.reason, 'INVALID_FIELDS');
  assert.deepEqual(Object.keys(wrong.violations), ['slot_id', 'source']);
  const twice = await refusal(client.allocateToken({ slotId: ten.id, source: TokenSource.PAID, patientRef: 'P-2' }));
  assert.equal(twice.reason, 'PATIENT_HAS_TOKEN');
  assert.equal(twice.metadata.tokenId, online.id);
  assert.equal(twice.remedy, 'ask');
}

async function tell(client: OpdClient): Promise<void> {
  const desk = await Desk.open(client);
  let views = watchQueue(client, { doctorId: desk.doctorId, date: DATE, heartbeatSeconds: 1 });
  const { queue } = await next(views);
  assert.deepEqual([queue.revision, queue.slots.length], [2, 2]);

  const walkIn = await desk.seat(TokenSource.WALK_IN, 'P-1');
  const online = await desk.seat(TokenSource.ONLINE, 'P-2');
  await desk.seat(TokenSource.PAID, 'P-3');
  await desk.emergency('E-1');
  const [second, third] = [await desk.emergency('E-2'), await desk.emergency('E-3')];
  assert.equal(desk.answered.at(-1)?.slots[0]?.seatsTaken, 3);
  await desk.cancel(third);
  await desk.cancel(second);
  await readRefusals(client, desk, walkIn, online);
  const askForP4 = (
    (requestId) => () =>
      desk.allocate(desk.ten, TokenSource.WALK_IN, 'P-4', requestId)
  )(randomUUID());
  await askForP4();
  await askForP4();
  const seen = await changes(views, STORY.length);

  // The watch comes back by itself when the server restarts. Where nobody can restart it, another watch goes on after this one.
  const restart = process.env.OPD_RESTART;
  if (restart) execSync(restart);
  else {
    await views.return();
    views = watchQueue(client, { doctorId: desk.doctorId, date: DATE, after: (seen.at(-1) as QueueView).queue });
  }
  await askForP4();
  const stronger = await desk.allocate(desk.ten, TokenSource.FOLLOW_UP, 'P-5');
  await desk.cancel(stronger);
  seen.push(...(await changes(views, STORY_AFTER_THE_CUT.length)));
  await views.return();

  const told = seen.flatMap(({ change }) => change ?? []);
  assert.deepEqual(
    told.map((change) => desk.words(change)),
    [...STORY, ...STORY_AFTER_THE_CUT],
  );
  assert.deepEqual(told, desk.answered);
  assert.equal(
    seen.some(({ stale }) => stale),
    restart !== undefined,
  );
  const lists = seen.at(-1)?.queue.slots.flatMap(({ seated, waiting }) => [seated, waiting]);
  const patients = lists?.map((tokens) => tokens.map(({ patientRef }) => patientRef));
  assert.deepEqual(patients, [['E-1', 'P-3'], [], ['P-2', 'P-1'], ['P-4']]);
}

const client = createClient(process.env.OPD_ADDRESS ?? '127.0.0.1:50051');
await tell(client);
client.close();
console.log('typescript: the story went as it should');
