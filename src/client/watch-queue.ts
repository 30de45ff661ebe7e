/** A doctor-day's queue as it stands, for as long as one likes: it survives restarts of the server and says when it is stale. */
import { status as Code } from '@grpc/grpc-js';
import type { WatchQueueRequest } from '../../gen/opd/v1/opd_service.js';
import type { QueueChange, QueueSnapshot } from '../../gen/opd/v1/resources.js';
import { CallFailed } from './call-failed.js';
import type { OpdClient } from './create-client.js';
import { afterChange } from './queue-state.js';
import { type Loss, steadyUpdates, type Update } from './steady-updates.js';

const HEARTBEAT_SECONDS = 5;

export interface WatchTerms {
  readonly doctorId: string;
  /** "2026-01-31" in the doctor's time zone. The day that is today when the watch begins, and it stays with that, where absent. */
  readonly date?: string;
  /** Only this slot; the whole day where absent. */
  readonly slotId?: string;
  /** A queue that an earlier watch on the same terms has shown: this one goes on after it, with no snapshot if that can be had. */
  readonly after?: QueueSnapshot;
  /** Silence after which the server gives a sign of life, 1 to 60; 5 where absent. After three times that, the connection counts as lost. */
  readonly heartbeatSeconds?: number;
  /** Ends the watch when it is aborted: the iteration just ends. */
  readonly signal?: AbortSignal;
  /** Told of every loss of the connection, and of attempts that failed, also before there is anything to show. */
  readonly onLoss?: (error: CallFailed, waitMilliseconds: number) => void;
}

/** The queue as far as it is known. Views are not changed afterwards: one may keep them. */
export interface QueueView {
  readonly queue: QueueSnapshot;
  /** What led here; undefined where a snapshot did, or the queue is the same and only `stale` has changed. */
  readonly change: QueueChange | undefined;
  /** The connection is lost, and the queue may have moved on. False again when the server has said that this is how it stands. */
  readonly stale: boolean;
}

/**
 * Watches a queue. There is a view for each snapshot and for each change, and whenever `stale` changes. Connections that are lost are made
 * anew, sooner at first, then every quarter of a minute or so, and go on after the last revision shown. Reading slowly holds up nobody: what
 * was missed comes as one snapshot.
 *
 * @throws CallFailed where the watch is refused for good, as for an unknown doctor; or with DATA_LOSS where the server left out a change
 */
export async function* watchQueue(client: OpdClient, terms: WatchTerms): AsyncGenerator<QueueView, void, void> {
  const { heartbeatSeconds = HEARTBEAT_SECONDS, onLoss, signal } = terms;
  let view: QueueView | undefined = terms.after && { queue: terms.after, change: undefined, stale: true };
  const open = () => client.stub.watchQueue(requestAfter(view?.queue, terms));

  for await (const update of steadyUpdates(open, heartbeatSeconds * 3_000, signal)) {
    if (update.$case === 'loss') onLoss?.(update.error, update.waitMilliseconds);
    const next = viewAfter(view, update, terms.slotId);
    const isNews = update.$case === 'snapshot' || update.$case === 'change' || next?.stale !== view?.stale;
    view = next;
    if (view && isNews) yield view;
  }
}

function requestAfter(queue: QueueSnapshot | undefined, terms: WatchTerms): WatchQueueRequest {
  const { doctorId, date = '', slotId = '', heartbeatSeconds = HEARTBEAT_SECONDS } = terms;
  return {
    doctorId,
    // Whatever is today by now, it is this day that is watched.
    date: queue?.date ?? date,
    slotId,
    afterRevision: queue?.revision,
    epoch: queue?.epoch ?? '',
    heartbeatInterval: { seconds: Math.trunc(heartbeatSeconds), nanos: Math.round((heartbeatSeconds % 1) * 1e9) },
  };
}

function viewAfter(view: QueueView | undefined, update: Update | Loss, slotId?: string): QueueView | undefined {
  if (update.$case === 'snapshot') return { queue: update.value, change: undefined, stale: false };
  if (!view) return undefined;
  if (update.$case === 'loss') return { ...view, change: undefined, stale: true };
  const { revision } = update.value;
  const epoch = (update.$case === 'heartbeat' && update.value.epoch) || view.queue.epoch;
  const changes = update.$case === 'change' ? 1 : 0;
  // One slot's changes may skip revisions; the whole day's do not. Where they did, nothing shown from here on would be true.
  if (!slotId && revision !== view.queue.revision + changes) {
    throw new CallFailed(Code.DATA_LOSS, `revision ${revision} was told of after ${view.queue.revision}`);
  }
  if (update.$case === 'change') {
    return { queue: afterChange(view.queue, update.value, slotId), change: update.value, stale: false };
  }
  return { queue: { ...view.queue, revision, epoch }, change: undefined, stale: false };
}
