/** The example's clock: paced by the driver, never late because the machine is slow, never going back. */
import { expect, test } from 'vitest';
import { PacedClock } from '../../examples/flights/clock.ts';

const HOUR_MS = 3_600_000;

test('runs at its pace, stands still at its ceiling, and goes on when it is set again', () => {
  let machineMs = 1_000;
  const clock = new PacedClock({ realMs: 1_000, virtualMs: 0, pace: 3_600, ceilingMs: 2 * HOUR_MS }, () => machineMs);
  machineMs += 1_000;
  expect(clock.now()).toBe('1970-01-01T01:00:00.000Z');
  machineMs += 60_000;
  expect(clock.now()).toBe('1970-01-01T02:00:00.000Z');
  clock.set({ realMs: machineMs, virtualMs: 24 * HOUR_MS, pace: 3_600, ceilingMs: 26 * HOUR_MS });
  machineMs += 500;
  expect(clock.now()).toBe('1970-01-02T00:30:00.000Z');
});

test('never goes back, whatever it is set to and whatever the machine shows', () => {
  let machineMs = 0;
  const clock = new PacedClock(
    { realMs: 0, virtualMs: 10 * HOUR_MS, pace: 1, ceilingMs: 20 * HOUR_MS },
    () => machineMs,
  );
  machineMs = -5_000;
  expect(clock.nowMs()).toBe(10 * HOUR_MS);
  clock.set({ realMs: 0, virtualMs: 0, pace: 1, ceilingMs: 20 * HOUR_MS });
  expect(clock.nowMs()).toBe(10 * HOUR_MS);
});
