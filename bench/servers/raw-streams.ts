/** The platform's own limit for watching: grpc-js streams of our contract, to all of which one ready Buffer is written. */
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { OpdServiceService, WatchQueueResponse } from '../../gen/opd/v1/opd_service.js';
import { SlotState, TokenChange_Kind, TokenSource, TokenStatus } from '../../gen/opd/v1/resources.js';
import { CHANNEL_OPTIONS } from '../../src/grpc/server.js';

const UUID = '01a20e25-a2ff-7059-8895-194685575b40';
const ids = { doctorId: `doc_${UUID}`, slotId: `slot_${UUID}`, date: '2099-01-31' };

/** As large as what our server sends for an AllocateToken into a free seat; its time is when it was written. */
function update(revision: number): Buffer {
  const now = new Date();
  const token = {
    id: `token_${UUID}`,
    number: revision,
    doctorId: ids.doctorId,
    slotId: ids.slotId,
    requestedSlotId: ids.slotId,
    source: TokenSource.PAID,
    priority: 80,
    status: TokenStatus.ACTIVE,
    patientRef: 'P-123456',
    createdAt: now,
    updatedAt: now,
    checkedInAt: undefined,
    displacements: 0,
    estimate: undefined,
    rescheduledFromTokenId: '',
    calledAt: undefined,
  };
  const slot = {
    id: ids.slotId,
    doctorId: ids.doctorId,
    date: ids.date,
    start: '09:00',
    end: '10:00',
    capacity: 100,
    seatsTaken: 30,
    waiting: 1,
    state: SlotState.OPEN,
  };
  const why = { cause: 'AllocateToken', reason: '' };
  const tokens = [{ kind: TokenChange_Kind.ALLOCATED, token, fromSlotId: '', displacedByTokenId: '' }];
  const value = { doctorId: ids.doctorId, date: ids.date, revision, at: now, tokens, slots: [slot], ...why };
  return Buffer.from(WatchQueueResponse.encode({ update: { $case: 'change', value } }).finish());
}

const streams = new Set<ServerWritableStream<unknown, Buffer>>();
let revision = 0;

const handlers = {
  allocateToken: (_call: unknown, callback: (error: null, answer: object) => void) => {
    revision += 1;
    const bytes = update(revision);
    for (const stream of streams) stream.write(bytes);
    callback(null, { token: undefined, change: undefined });
  },
  watchQueue: (call: ServerWritableStream<unknown, Buffer>) => {
    streams.add(call);
    call.on('cancelled', () => streams.delete(call));
    call.sendMetadata(new Metadata());
    call.write(update(0));
  },
};
const { allocateToken, watchQueue } = OpdServiceService;
const definition = { allocateToken, watchQueue: { ...watchQueue, responseSerialize: (bytes: Buffer) => bytes } };

const server = new Server(CHANNEL_OPTIONS);
server.addService(definition as never, handlers as unknown as UntypedServiceImplementation);
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`listening on  127.0.0.1:${port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
