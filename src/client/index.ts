/** What the package offers to programs that call the service: `import { createClient, watchQueue } from 'opd-token-engine/client'`. */

// From the grpc-js that the client itself uses: another copy's would not be known to it.
export { credentials, Metadata, status } from '@grpc/grpc-js';
export {
  DayOfWeek,
  type Explanation,
  type Session,
} from '../../gen/opd/v1/opd_service.js';
export {
  type AllocationPolicy,
  type Doctor,
  type QueueChange,
  type QueueEstimate,
  type QueueSnapshot,
  RebalancePolicy,
  type Slot,
  type SlotQueue,
  SlotState,
  type Token,
  type TokenChange,
  TokenChange_Kind,
  TokenSource,
  TokenStatus,
} from '../../gen/opd/v1/resources.js';
export type { RequestOf, ResponseOf, UnaryName } from './call.js';
export { CallFailed } from './call-failed.js';
export {
  type Ask,
  type AskOptions,
  type ClientOptions,
  createClient,
  type Fields,
  type OpdClient,
} from './create-client.js';
export { afterChange } from './queue-state.js';
export { type KnownReason, REMEDIES, type Reason, type Remedy } from './remedies.js';
export { type QueueView, type WatchTerms, watchQueue } from './watch-queue.js';
