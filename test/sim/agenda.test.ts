import type { Instant } from '../../src/domain/time.js';
import { Agenda } from '../../src/sim/agenda.js';
import { VirtualClock } from '../../src/sim/virtual-clock.js';

describe('the agenda', () => {
  test('does things in order of time, and those of the same time in the order they were put down', async () => {
    const { agenda, done, note } = begin();
    agenda.add(at(30), note('third'));
    agenda.add(at(10), note('first'));
    agenda.add(at(30), note('fourth'));
    agenda.add(at(20), note('second'));

    await agenda.run();

    expect(done).toEqual(['first at 10', 'second at 20', 'third at 30', 'fourth at 30']);
  });

  test('takes what is put down while it runs; what is due already, next', async () => {
    const { agenda, done, note } = begin();
    agenda.add(at(10), async () => {
      agenda.add(at(5), note('late'));
      agenda.add(at(15), note('soon'));
    });
    agenda.add(at(20), note('last'));

    await agenda.run();

    expect(done).toEqual(['late at 10', 'soon at 15', 'last at 20']);
  });
});

describe('the virtual clock', () => {
  test('stands still until it is set forward, and never goes back', () => {
    const clock = new VirtualClock(at(10));
    expect(clock.now).toBe(10);
    clock.advanceTo(at(20));

    expect(clock.now).toBe(20);
    expect(() => clock.advanceTo(at(19))).toThrow(RangeError);
  });
});

function begin() {
  const clock = new VirtualClock(at(0));
  const done: string[] = [];
  const note = (what: string) => async () => void done.push(`${what} at ${clock.now}`);
  return { agenda: new Agenda(clock), done, note };
}

function at(milliseconds: number): Instant {
  return milliseconds as Instant;
}
