import { estimator } from '../../src/domain/estimate.js';
import { type Instant, instantOf, type LocalDate } from '../../src/domain/time.js';
import { call, cancel, checkIn, complete, given, type Scenario, sendBack, timeOfDay, tokenOf } from './scenario.js';

/** `2 ahead, 09:16:00 to 09:20:00`, local to the doctor; `nothing` for those whom nobody waits to call. */
function estimateOf({ day }: Scenario, number: number, clock: string): string {
  const now = instantOf(day.date as LocalDate, timeOfDay(clock), day.doctor.timeZone);
  const estimate = estimator(day, now)(day.tokenOf(tokenOf(number)));
  if (!estimate) return 'nothing';
  const local = (at: Instant) => new Date(at + 5.5 * 3_600_000).toISOString().slice(11, 19);
  return `${estimate.ahead} ahead, ${local(estimate.earliest)} to ${local(estimate.expected)}`;
}

describe('R25 · until three consultations are completed, the pace is what the slot has planned for a seat', () => {
  const morning = '09:00-10:00 3/6: 1P 2O 3W\n10:00-10:30 2/3: 4P 5W';

  test.each([
    ['the first is called at the start of the slot', morning, 1, '08:00', '0 ahead, 09:00:00 to 09:00:00'],
    ['those ahead take ten minutes each, or eight', morning, 3, '08:00', '2 ahead, 09:16:00 to 09:20:00'],
    ['nobody is called in the past', morning, 1, '09:07', '0 ahead, 09:07:00 to 09:07:00'],
    ['who comes late is called late', morning, 3, '09:50', '2 ahead, 10:06:00 to 10:10:00'],
    ['a later slot begins at its start', morning, 4, '08:00', '3 ahead, 10:00:00 to 10:00:00'],
    ['or when the work before it is done', morning, 5, '09:50', '4 ahead, 10:22:00 to 10:30:00'],
    [
      'who waits is called after those seated',
      '09:00-09:10 1/1: 1P | 2O 3W!',
      3,
      '08:00',
      '2 ahead, 09:16:00 to 09:20:00',
    ],
    ['who is done with is not ahead', '09:00-10:00 2/6: 1P+ 2O', 2, '08:00', '0 ahead, 09:00:00 to 09:00:00'],
  ])('R25 · %s', (_, slots, number, clock, expected) => {
    expect(estimateOf(given(slots), number, clock)).toBe(expected);
  });

  test('R25 · those seated come in order of strength, an emergency first', () => {
    const day = given('09:00-10:00 3/6: 3E 1P 2W');
    expect([3, 1, 2].map((number) => estimateOf(day, number, '08:00'))).toEqual([
      '0 ahead, 09:00:00 to 09:00:00',
      '1 ahead, 09:08:00 to 09:10:00',
      '2 ahead, 09:16:00 to 09:20:00',
    ]);
  });
});

describe('R25 · whoever is with the doctor', () => {
  const called = () => given('09:00-10:00 3/6: 1P 2O 3W').at('09:02').when(call(1));

  test('R25 · is not ahead, but takes what is left of the time', () => {
    expect(estimateOf(called(), 2, '09:05')).toBe('0 ahead, 09:10:00 to 09:12:00');
    expect(estimateOf(called(), 3, '09:05')).toBe('1 ahead, 09:18:00 to 09:22:00');
  });

  test('R25 · takes none, where the time is over', () => {
    expect(estimateOf(called(), 2, '09:11')).toBe('0 ahead, 09:11:00 to 09:12:00');
    expect(estimateOf(called(), 2, '09:40')).toBe('0 ahead, 09:40:00 to 09:40:00');
  });

  test('R25 · has no estimate, nor has anybody who is gone', () => {
    const day = called().when(cancel(3));
    expect([1, 2, 3].map((number) => estimateOf(day, number, '09:02'))).toEqual([
      'nothing',
      '0 ahead, 09:10:00 to 09:12:00',
      'nothing',
    ]);
  });

  test('R25 · is ahead again when sent back', () => {
    expect(estimateOf(called().at('09:04').when(sendBack(1)), 2, '09:05')).toBe('1 ahead, 09:13:00 to 09:15:00');
  });
});

describe('R25 · the pace of the doctor', () => {
  /** Consultations from nine o'clock on, of so many minutes. */
  function consulted(...minutes: number[]): Scenario {
    const seats = Array.from({ length: 8 }, (_, index) => `${index + 1}W`).join(' ');
    const day = given(`09:00-11:00 8/8: ${seats}`);
    let time = 9 * 60;
    const clock = () => `${String(Math.floor(time / 60)).padStart(2, '0')}:${String(time % 60).padStart(2, '0')}`;
    minutes.forEach((each, index) => {
      day.at(clock()).when(call(index + 1));
      time += each;
      day.at(clock()).when(complete(index + 1));
    });
    return day;
  }

  test.each([
    ['two are not enough', [4, 4], '4 ahead, 10:48:00 to 11:00:00'],
    ['three are: their mean', [4, 6, 5], '3 ahead, 10:12:00 to 10:15:00'],
  ])('R25 · %s', (_, minutes, expected) => {
    expect(estimateOf(consulted(...minutes), 7, '10:00')).toBe(expected);
  });

  test('R25 · of more than five, the latest five', () => {
    expect(estimateOf(consulted(50, 10, 10, 10, 10, 10), 8, '10:40')).toBe('1 ahead, 10:48:00 to 10:50:00');
  });

  test('R25 · counts from the last call: who was called by mistake at first has not taken that long', () => {
    const day = given('09:00-10:00 4/4: 1W 2W 3W 4W').at('09:00').when(call(1)).at('09:30').when(sendBack(1));
    for (const number of [1, 2, 3]) day.when(call(number)).when(complete(number));
    expect(estimateOf(day, 4, '09:30')).toBe('0 ahead, 09:30:00 to 09:30:00');
  });

  test('I8, R25 · is the same when the day is replayed from its journal', () => {
    const day = consulted(4, 6, 5);
    const estimates = (of: Scenario['day']) => [...of.tokens].map(estimator(of, 0 as Instant));
    expect(estimates(day.replayed)).toEqual(estimates(day.day));
  });
});

describe('R25 · in a slot that is over or closed', () => {
  test('R25 · nobody waits for those who have not come; who has is served first', () => {
    const day = given('09:00-10:00 3/6: 1P 2O^ 3W\n10:00-11:00 1/6: 4W').until('10:00');
    expect([1, 2, 3, 4].map((number) => estimateOf(day, number, '10:00'))).toEqual([
      '0 ahead, 10:00:00 to 10:00:00',
      '0 ahead, 10:00:00 to 10:00:00',
      '1 ahead, 10:08:00 to 10:10:00',
      '1 ahead, 10:08:00 to 10:10:00',
    ]);
  });

  test('R25 · an emergency that stayed is served, and those who wait there for nothing are not ahead', () => {
    const day = given('09:00-10:00 1/6 closed: 1E | 2W\n10:00-11:00 1/6: 3W');
    expect(estimateOf(day, 3, '10:00')).toBe('1 ahead, 10:08:00 to 10:10:00');
  });

  test('R25 · who comes in meanwhile counts', () => {
    const day = given('09:00-10:00 1/6: 1P\n10:00-11:00 1/6: 2W').until('10:00').when(checkIn(1));
    expect(estimateOf(day, 2, '10:00')).toBe('1 ahead, 10:08:00 to 10:10:00');
  });
});

describe('R25 · an emergency who is here', () => {
  const emergencyLater = '09:00-10:00 2/6: 1P^ 2O\n11:00-12:00 2/6: 4E^ 3P^';

  test('R25 · is ahead of everybody, also of those in earlier slots', () => {
    expect([4, 1, 2, 3].map((number) => estimateOf(given(emergencyLater), number, '09:00'))).toEqual([
      '0 ahead, 09:00:00 to 09:00:00',
      '1 ahead, 09:08:00 to 09:10:00',
      '2 ahead, 09:16:00 to 09:20:00',
      '3 ahead, 11:00:00 to 11:00:00',
    ]);
  });

  test.each([
    ['at the start of the first slot', emergencyLater, 4, '08:00', '09:00:00'],
    ['at once while any slot runs', '09:00-10:00 0/6:\n11:00-12:00 1/6: 1E^', 1, '09:20', '09:20:00'],
    ['at once if anybody is left over', '09:00-10:00 1/6 ended: 1P^\n11:00-12:00 1/6: 2E^', 2, '10:20', '10:20:00'],
    ['when the next slot starts, in a gap', '09:00-10:00 0/6 ended:\n11:00-12:00 1/6: 1E^', 1, '10:20', '11:00:00'],
  ])('R25 · is expected to be called %s', (_, slots, number, clock, time) => {
    expect(estimateOf(given(slots), number, clock)).toBe(`0 ahead, ${time} to ${time}`);
  });

  test('R25 · one who is not here is ahead of those in its own slot and later ones alone', () => {
    const day = given('09:00-10:00 1/6: 1P\n11:00-12:00 2/6: 3E 2P');
    expect([1, 3, 2].map((number) => estimateOf(day, number, '09:00'))).toEqual([
      '0 ahead, 09:00:00 to 09:00:00',
      '1 ahead, 11:00:00 to 11:00:00',
      '2 ahead, 11:08:00 to 11:10:00',
    ]);
  });
});

test('R25 · a whole day of ten thousand tokens is reckoned in one go, within moments', () => {
  const seats = Array.from({ length: 1_000 }, (_, index) => ` ${index + 1}O`).join('');
  const queue = Array.from({ length: 9_000 }, (_, index) => ` ${index + 1_001}O`).join('');
  const { day } = given(`09:00-17:00 1000/1000:${seats} |${queue}`);
  const before = performance.now();
  const of = estimator(day, 0 as Instant);
  const ahead = [...day.tokens].map((token) => of(token)?.ahead);
  expect(ahead).toEqual(Array.from({ length: 10_000 }, (_, index) => index));
  expect(performance.now() - before).toBeLessThan(2_000);
});
