/** The clocks of this machine, and the kernel's clock if a time server keeps it right. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { MachineClocks } from '../desk/clock-guard.js';
import type { ClockSource } from '../desk/clock-watch.js';
import type { Instant } from '../domain/time.js';

export function machineClocks(): MachineClocks {
  return {
    wall: Date.now,
    monotonic: () => performance.now(),
    uptime: () => uptime() * 1_000,
    bootId: textOf('/proc/sys/kernel/random/boot_id')?.trim(),
  };
}

/**
 * The kernel's clock, if `timedatectl` says that a time server keeps it right. It needs systemd,
 * and does not work in containers.
 */
export const TIME_SERVER: ClockSource = {
  name: 'the clock that a time server keeps right',
  // Each `timedatectl` has systemd start a service, and log that.
  isForDoubt: true,
  read: async () => ((await isSynchronized()) ? kernelTime() : undefined),
};

function isSynchronized(): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = ['show', '--property=NTPSynchronized', '--value'];
    execFile('timedatectl', asked, { timeout: 1_500 }, (error, out) => resolve(!error && out.trim() === 'yes'));
  });
}

/** The boot time of the kernel's clock plus the uptime; exact to about a second. */
function kernelTime(): Instant | undefined {
  const startedAt = /^btime (\d+)$/m.exec(textOf('/proc/stat') ?? '')?.[1];
  return startedAt === undefined ? undefined : (((Number(startedAt) + uptime()) * 1_000) as Instant);
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // not Linux
  }
}
