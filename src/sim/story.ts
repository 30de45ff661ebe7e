/** The timeline as lines for a person to follow: one for each command, and beneath it what it did to others. */

import type { AllocationPolicy } from '../domain/doctor.js';
import type { Paint } from './paint.js';
import type { CarriedOut, DayOpened, EffectGlimpse, TimeActed, TimelineEntry, TokenGlimpse } from './timeline.js';

/** Wide enough for every doctor's label. */
const LABEL_WIDTH = 8;
const INDENT = ' '.repeat('09:42'.length + 2 + LABEL_WIDTH + 4);

const SOURCE_WORDS = {
  EMERGENCY: 'emergency',
  PAID: 'paid',
  FOLLOW_UP: 'follow-up',
  ONLINE: 'online',
  WALK_IN: 'walk-in',
} as const;

/** An entry in one or more lines, without a line break at the end. */
export function tellEntry(entry: TimelineEntry, paint: Paint): string {
  const [first = '', ...further] = sentences(entry, paint);
  const head = `${paint('dim', entry.time)}  ${entry.doctor.padEnd(LABEL_WIDTH)}  ${first}`;
  return [head, ...further.map((line) => INDENT + line)].join('\n');
}

/** What a source is called. */
export function sourceWord(source: TokenGlimpse['source']): string {
  return SOURCE_WORDS[source];
}

/** A policy, in half a sentence. */
export function policyWords(policy: AllocationPolicy): string {
  const { rebalance, noShowGraceMilliseconds, agingPointsPerHour, protectCheckedIn, displacementsMax } = policy;
  return [
    `rebalancing ${rebalance}`,
    ...(noShowGraceMilliseconds === undefined ? [] : [`no-shows after ${noShowGraceMilliseconds / 60_000} min`]),
    ...(agingPointsPerHour === 0 ? [] : [`aging by ${agingPointsPerHour} points an hour`]),
    ...(protectCheckedIn ? ['those here protected'] : []),
    ...(displacementsMax === 0 ? [] : [`displaced ${displacementsMax} times at most`]),
  ].join(', ');
}

function sentences(entry: TimelineEntry, paint: Paint): string[] {
  switch (entry.what) {
    case 'opened':
      return [paint('bold', opening(entry)), policyWords(entry.policy)];
    case 'remark':
      return [paint(['bold', 'red'], entry.text)];
    case 'command':
      return entry.command === 'CloseSlot' ? closed(entry, paint) : carriedOut(entry, paint);
    case 'time':
      return timeActed(entry, paint);
    case 'refused':
      return [paint('magenta', `${entry.attempt}: refused, ${entry.reason}`)];
    case 'closed':
      return [paint('bold', `the day is over: ${entry.issued} tokens issued, ${entry.seen} patients seen`)];
  }
}

function opening({ name, slots }: DayOpened): string {
  const [first, last] = [slots[0], slots.at(-1)];
  if (!first || !last) return `${name} has no slots`;
  const seats = `${slots.length} slots of ${first.capacity} seats`;
  return `${name} takes bookings: ${seats}, ${first.start} to ${last.end}`;
}

function carriedOut(entry: CarriedOut, paint: Paint): string[] {
  const [own, ...others] = entry.effects;
  if (!own) return [];
  const notes = [
    ...(entry.overflow > 0 && entry.command === 'InsertEmergency' ? [`${entry.overflow} over capacity`] : []),
    ...(entry.because ? [entry.because] : []),
    ...(entry.minutesLate ? [`${entry.minutesLate} min late`] : []),
    ...others.filter(isDone).map(({ token }) => `#${token.number} is done`),
    ...(entry.again ? ['asked twice, answered alike'] : []),
  ];
  const first = [ownSentence(own, paint), ...notes].join(', ');
  const further = joined(others.filter((effect) => !isDone(effect)));
  return [first, ...further.map((effects) => otherSentence(effects, own.token, paint))];
}

/** R13: it is about no token, but about all. */
function closed({ closed: slot, because, effects }: CarriedOut, paint: Paint): string[] {
  const first = [`${slot?.start} to ${slot?.end} is closed`, ...(because ? [because] : [])].join(', ');
  return [paint(['bold', 'red'], first), ...toAll(effects, paint)];
}

/** R20 to R22. */
function timeActed({ ended, isMidnight, effects }: TimeActed, paint: Paint): string[] {
  const heads = [...ended.map((start) => `the slot of ${start} ends`), ...(isMidnight ? ['midnight'] : [])];
  const happened = toAll(effects, paint);
  return heads.length > 0 ? [paint('dim', heads.join(', ')), ...happened] : happened;
}

/** What happened to all, where it was about nobody in particular: those who merely go on waiting elsewhere, together. */
function toAll(effects: readonly EffectGlimpse[], paint: Paint): string[] {
  const stories = joined(effects);
  const waitOn = stories.filter(
    ([only, next]) => only && !next && only.kind === 'MOVED' && only.token.status !== 'ACTIVE',
  );
  const others = stories
    .filter((story) => !waitOn.includes(story))
    .map((story) => otherSentence(story, undefined, paint));
  const [first] = waitOn.flat();
  if (!first) return others;
  const numbers = waitOn.flatMap(([only]) => (only ? [`#${only.token.number}`] : [])).join(' ');
  return [...others, paint('yellow', `from ${first.from} to ${first.token.slot}, to go on waiting: ${numbers}`)];
}

/** Who comes out when another goes in. */
function isDone({ kind }: EffectGlimpse): boolean {
  return kind === 'COMPLETED';
}

function ownSentence({ kind, token }: EffectGlimpse, paint: Paint): string {
  const who = whoIs(token, paint);
  switch (kind) {
    case 'ALLOCATED':
      return `${who} gets a seat at ${token.slot}`;
    case 'QUEUED':
      return `${who} ${paint('yellow', 'waits')} for ${token.slot}`;
    case 'CANCELLED':
      return `${who} cancels ${token.slot}`;
    case 'NO_SHOW':
      return `${who} is not there at ${token.slot}`;
    case 'CHECKED_IN':
      return `${who} is here for ${token.slot}`;
    case 'CALLED':
      return `${who} ${paint('bold', 'goes in')}`;
    case 'RETURNED':
      return `${who} was called and did not come, keeps the seat at ${token.slot}`;
    case 'COMPLETED':
      return `${who} is done`;
    default:
      return `${who} ${kind}`;
  }
}

/**
 * All that happened to one other token, in one sentence: `#17 Asha N. (walk-in) displaced from 09:30 by #23, moved to 10:00`.
 *
 * @param own the token that it was all about, if it was about one
 */
function otherSentence(effects: readonly EffectGlimpse[], own: TokenGlimpse | undefined, paint: Paint): string {
  const verbs = effects.map((effect, index) => otherVerb(effect, index > 0, own, paint));
  const token = effects.at(-1)?.token;
  return token ? `${whoIs(token, paint)} ${verbs.join(', ')}` : '';
}

/** @param isNext whether it has been told already where the token was */
function otherVerb(effect: EffectGlimpse, isNext: boolean, own: TokenGlimpse | undefined, paint: Paint): string {
  const { kind, token, from, displacedBy } = effect;
  switch (kind) {
    case 'DISPLACED':
      return paint('yellow', `displaced from ${token.slot}${displacedBy === undefined ? '' : ` by #${displacedBy}`}`);
    case 'MOVED': {
      const where = isNext ? `to ${token.slot}` : `from ${from} to ${token.slot}`;
      return token.status === 'ACTIVE'
        ? paint('green', `moved ${where}`)
        : paint('yellow', `goes on waiting, ${where}`);
    }
    case 'PROMOTED':
      return paint('green', `promoted at ${token.slot}`);
    case 'CANCELLED':
      return own ? `gives way to the same patient's #${own.number} at ${token.slot}` : `cancelled at ${token.slot}`;
    case 'NO_SHOW':
      return `has not come to ${token.slot}`;
    case 'EXPIRED':
      return paint('yellow', `expires at ${token.slot}, unseen`);
    case 'COMPLETED':
      return 'is done';
    default:
      return kind;
  }
}

/** Effects on the same token, together, where the first of them stood. */
function joined(effects: readonly EffectGlimpse[]): EffectGlimpse[][] {
  const byNumber = new Map<number, EffectGlimpse[]>();
  for (const effect of effects) {
    const earlier = byNumber.get(effect.token.number);
    if (earlier) earlier.push(effect);
    else byNumber.set(effect.token.number, [effect]);
  }
  return [...byNumber.values()];
}

function whoIs({ number, patient, source }: TokenGlimpse, paint: Paint): string {
  const who = `#${number} ${patient} (${sourceWord(source)})`;
  return source === 'EMERGENCY' ? paint('red', who) : who;
}
