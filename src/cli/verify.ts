/** `opd verify`: whether a database is what its journal says. */
import type { Command } from 'commander';
import { formatInstant, formatTimeOfDay } from '../domain/time.js';
import { StoreDamaged, StoreRefused } from '../store/store.js';
import type { Difference } from '../verification/verify-day.js';
import { type Verdict, verifyStore } from '../verification/verify-store.js';
import { dataOption } from './data-option.js';
import { isPostgres, nameOfData, openReader } from './open-store.js';
import { Progress } from './progress.js';
import { nameOfZoneData, ZONE_DATA } from './zone-data.js';

const SOUND = 0;
const NOT_SOUND = 1;
const NOT_READ = 2;

export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('replay every journal of a database, and compare what comes of it with the rules and with the tables')
    .addOption(dataOption('database file or address, also while it is served, or a backup; nothing is written'))
    .addHelpText('after', '\nExits with 0 where all is sound, 1 where it is not, 2 where that cannot be found out.')
    // A wrong option is no verdict either.
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : NOT_READ))
    .action(verify);
}

async function verify({ data }: { data: string }): Promise<void> {
  try {
    const verdict = await judge(data);
    const isSound = verdict.damage === undefined && verdict.unsound === 0;
    process.stdout.write(`${isSound ? sound(verdict) : notSound(data, verdict)}\n`);
    process.stdout.write(zoneDataLines(verdict));
    process.exitCode = isSound ? SOUND : NOT_SOUND;
  } catch (error) {
    const isExpected = error instanceof StoreRefused;
    process.stderr.write(`error: ${isExpected ? error.message : (error as Error).stack}\n`);
    process.exitCode = error instanceof StoreDamaged ? NOT_SOUND : NOT_READ;
  }
}

async function judge(data: string): Promise<Verdict> {
  const reader = await openReader(data);
  const progress = new Progress('reading it through');
  try {
    return await verifyStore(reader, (done, total) => progress.report('replaying', done, total));
  } finally {
    progress.end();
    await reader.close();
  }
}

function sound({ days, revisions, tokens }: Verdict): string {
  return `sound: ${count(days, 'doctor-day')}, ${count(revisions, 'revision')}, ${count(tokens, 'token')}`;
}

function notSound(data: string, { damage, days, unsound, first }: Verdict): string {
  if (damage !== undefined) return `not sound: ${isPostgres(data) ? nameOfData(data) : data}: ${damage}`;
  return `not sound: ${unsound} of ${count(days, 'doctor-day')}; the first:\n${first ? tell(first) : ''}`;
}

/**
 * By which rules it was judged, and what is not as they say. That is no damage: a server with newer
 * data sets it right.
 */
function zoneDataLines({ servedBy, outOfTime, firstOutOfTime }: Verdict): string {
  const lines = [`time zone data of this program: ${nameOfZoneData(ZONE_DATA)}`];
  if (servedBy && servedBy !== ZONE_DATA) lines[0] += `; of the newest server: ${servedBy}`;
  if (firstOutOfTime) {
    const { key, slot, startsAt } = firstOutOfTime;
    const window = `${formatTimeOfDay(slot.start)}-${formatTimeOfDay(slot.end)}`;
    lines.push(
      `notice: ${count(outOfTime, 'slot')} to come ${outOfTime === 1 ? 'has' : 'have'} other instants than by these data; the first:`,
      `  ${key.doctorId} ${key.date} ${window} (${slot.id}): starts at ${formatInstant(slot.startsAt)}, by its local time at ${formatInstant(startsAt)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Where, what, and below that the day. */
function tell({ key, revision, what, day = '' }: Difference): string {
  const where = [key.doctorId, key.date, ...(revision > 0 ? [`revision ${revision}`] : [])].join(' ');
  return [`${where}: ${what}`, ...day.split('\n').filter(Boolean)].join('\n  ');
}

function count(number: number, what: string): string {
  return `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;
}
