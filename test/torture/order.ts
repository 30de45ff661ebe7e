/**
 * Whether a recorded history of one doctor-day is linearizable. Revisions give the order of the commands; what is left to check
 * is that it agrees with real time: what was acknowledged before something was asked comes before it.
 */
import type { History } from './history.js';

interface Operation {
  readonly name: string;
  readonly sentAt: number;
  readonly endedAt: number;
  readonly revision: number;
  readonly isRead: boolean;
}

/** Every breach of the order, in words; none where each day's history is linearizable. */
export function orderBreaches(history: History): string[] {
  const byDay = new Map<string, Operation[]>();
  const note = (day: string, operation: Operation) => byDay.set(day, [...(byDay.get(day) ?? []), operation]);
  for (const { outcome, day, requestId, sentAt, endedAt } of history.commands) {
    if (typeof outcome !== 'object' || !('change' in outcome)) continue;
    note(day, { name: `command ${requestId}`, sentAt, endedAt, revision: outcome.change.revision, isRead: false });
  }
  history.reads.forEach(({ day, sentAt, endedAt, revision }, index) => {
    note(day, { name: `read ${index}`, sentAt, endedAt, revision, isRead: true });
  });
  return [...byDay].flatMap(([day, operations]) => breachesOfDay(operations).map((breach) => `${day}: ${breach}`));
}

function breachesOfDay(operations: readonly Operation[]): string[] {
  const breaches: string[] = [];
  const ended = [...operations].sort((a, b) => a.endedAt - b.endedAt);
  let index = 0;
  let newest: Operation | undefined;
  for (const operation of [...operations].sort((a, b) => a.sentAt - b.sentAt)) {
    // Everything that had ended when this one was sent.
    for (let next = ended[index]; next && next.endedAt < operation.sentAt; next = ended[++index]) {
      if (!newest || next.revision > newest.revision) newest = next;
    }
    if (!newest) continue;
    // A read may show what was there already; a command makes a revision of its own.
    const inOrder = operation.isRead ? operation.revision >= newest.revision : operation.revision > newest.revision;
    if (!inOrder) {
      breaches.push(
        `${operation.name} has revision ${operation.revision}, though ${newest.name} with ${newest.revision} had ended before it was sent`,
      );
    }
  }
  return breaches;
}
