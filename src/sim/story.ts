/** The timeline as lines for a person to follow: one for each command, and beneath it what it did to others. */
import type { Paint } from './paint.js';
import type { CarriedOut, DayOpened, EffectGlimpse, TimelineEntry, TokenGlimpse } from './timeline.js';

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

function sentences(entry: TimelineEntry, paint: Paint): string[] {
  switch (entry.what) {
    case 'opened':
      return [paint('bold', opening(entry))];
    case 'remark':
      return [paint(['bold', 'red'], entry.text)];
    case 'command':
      return carriedOut(entry, paint);
    case 'refused':
      return [paint('magenta', `${entry.attempt}: refused, ${entry.reason}`)];
    case 'closed':
      return [paint('bold', `the day is over: ${entry.issued} tokens issued, ${entry.waiting} still waiting`)];
  }
}

function opening({ name, slots, rebalance }: DayOpened): string {
  const [first, last] = [slots[0], slots.at(-1)];
  if (!first || !last) return `${name} has no slots`;
  const seats = `${slots.length} slots of ${first.capacity} seats`;
  return `${name} takes bookings: ${seats}, ${first.start} to ${last.end}, rebalancing ${rebalance}`;
}

function carriedOut(entry: CarriedOut, paint: Paint): string[] {
  const [own, ...others] = entry.effects;
  if (entry.command === 'CLOCK') return timePasses(entry, paint);
  if (!own) return [];
  const notes = [
    ...(entry.overflow > 0 && entry.command === 'InsertEmergency' ? [`${entry.overflow} over capacity`] : []),
    ...(entry.because ? [entry.because] : []),
    ...(entry.again ? ['asked twice, answered alike'] : []),
  ];
  const first = [ownSentence(own, paint), ...notes].join(', ');
  return [first, ...joined(others).map((effects) => otherSentence(effects, own.token, paint))];
}

/** R20 to R22: nobody asked for it. */
function timePasses({ effects }: CarriedOut, paint: Paint): string[] {
  const [first] = effects;
  if (!first) return [paint('dim', 'a slot ends')];
  return ['time has come:', ...joined(effects).map((each) => otherSentence(each, first.token, paint))];
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
    default:
      return `${who} ${kind}`;
  }
}

/** All that happened to one other token, in one sentence: `#17 Asha N. (walk-in) displaced from 09:30 by #23, moved to 10:00`. */
function otherSentence(effects: readonly EffectGlimpse[], own: TokenGlimpse, paint: Paint): string {
  const verbs = effects.map(({ kind, token, from, displacedBy }, index) => {
    switch (kind) {
      case 'DISPLACED':
        return paint('yellow', `displaced from ${token.slot} by #${displacedBy}`);
      case 'MOVED':
        return paint('green', index > 0 ? `moved to ${token.slot}` : `moved from ${from} to ${token.slot}`);
      case 'PROMOTED':
        return paint('green', `promoted at ${token.slot}`);
      case 'CANCELLED':
        return `gives way to the same patient's #${own.number} at ${token.slot}`;
      case 'NO_SHOW':
        return `has not come to ${token.slot}`;
      case 'EXPIRED':
        return paint('yellow', `expired at ${token.slot}`);
      default:
        return kind;
    }
  });
  const token = effects.at(-1)?.token;
  return token ? `${whoIs(token, paint)} ${verbs.join(', ')}` : '';
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
