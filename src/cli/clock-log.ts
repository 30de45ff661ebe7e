/** Reports a system clock that is in doubt: in the log, and by the health service. */
import type { ClockDoubt } from '../desk/clock-guard.js';
import type { ClockListener } from '../desk/clock-watch.js';
import type { Instant } from '../domain/time.js';
import type { OpdServer } from '../grpc/server.js';

/** The part of a log that takes warnings. */
type Warnings = Record<'warn', (fields: object, message: string) => void>;

const MINUTE = 60_000;

export function clockLog(log: Warnings, onFault: ClockListener['onFault'], server: OpdServer): ClockListener {
  return {
    onFault,
    onDoubt: (doubt) => {
      server.setClockTrusted(!doubt);
      if (!doubt) return log.warn({}, 'the system clock is believed again');
      const fields = { systemClock: iso(doubt.wall), estimate: iso(doubt.estimate) };
      log.warn(fields, `the system clock is ${distanceOf(doubt)} what the server can explain: ${remedyOf(doubt)}`);
    },
    onDisagreement: (source, system, other) =>
      log.warn(
        { systemClock: iso(system), other: iso(other) },
        `the system clock differs from ${source}. Set it right`,
      ),
  };
}

function distanceOf({ aheadMilliseconds: ahead }: ClockDoubt): string {
  const minutes = Math.round(Math.abs(ahead) / MINUTE);
  const distance = minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
  return `${distance} ${ahead > 0 ? 'ahead of' : 'behind'}`;
}

function remedyOf({ waitMilliseconds: wait }: ClockDoubt): string {
  const remedy = 'If it is wrong, set it right. If it is right, start the server again with --trust-clock';
  const patience = wait ? `, or wait ${wait / MINUTE} minutes` : '';
  return `the server goes by its own estimate. ${remedy}${patience}`;
}

function iso(at: Instant): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString();
}
