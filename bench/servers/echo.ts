/** The platform's own limit: grpc-js with the same options and messages, and a handler that does nothing. */
import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { type AllocateTokenResponse, OpdServiceService } from '../../gen/opd/v1/opd_service.js';
import { SlotState, TokenChange_Kind, TokenSource, TokenStatus } from '../../gen/opd/v1/resources.js';
import { CHANNEL_OPTIONS } from '../../src/grpc/server.js';

const UUID = '01a20e25-a2ff-7059-8895-194685575b40';
const now = new Date();
const ids = { doctorId: `doc_${UUID}`, slotId: `slot_${UUID}`, date: '2099-01-31' };
const token = {
  id: `token_${UUID}`,
  number: 1_234,
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
const answer: AllocateTokenResponse = {
  token,
  change: { doctorId: ids.doctorId, date: ids.date, revision: 1_235, at: now, tokens, slots: [slot], ...why },
};

// Whatever is asked, the answer to AllocateToken is given: bytes of the same number.
const handlers = Object.fromEntries(
  Object.keys(OpdServiceService).map((name) => [
    name,
    (_call: unknown, callback: (e: null, r: unknown) => void) => callback(null, answer),
  ]),
) as UntypedServiceImplementation;
const definition = Object.fromEntries(
  Object.entries(OpdServiceService).map(([name, method]) => [
    name,
    { ...method, responseSerialize: OpdServiceService.allocateToken.responseSerialize },
  ]),
) as unknown as OpdServiceService;

const server = new Server(CHANNEL_OPTIONS);
server.addService(definition, handlers);
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`listening on  127.0.0.1:${port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
