/** The example's days: sweeps fall where the clock says so, and the clock waits for what must not be outrun. */
import { describe, expect, test } from 'vitest';
import { PacedClock } from '../../examples/flights/clock.ts';
import { DAY_MS, HOUR_MS, Timeline } from '../../examples/flights/timeline.ts';

const SWEEPS = { firstHour: 4, everyHours: 8 };

function aTimeline(sweep: (hour: () => number) => Promise<void>) {
  const clock = new PacedClock({ realMs: Date.now(), virtualMs: 0, pace: 0, ceilingMs: 0 });
  const hour = () => clock.nowMs() / HOUR_MS;
  const announced: number[] = [];
  const announce = ({ ceilingMs }: { ceilingMs: number }) => announced.push(ceilingMs);
  return { hour, announced, timeline: new Timeline({ clock, sweeps: SWEEPS, sweep: () => sweep(hour), announce }) };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

describe('a day', () => {
  test('sees a sweep at each hour that has one, and ends with its last hour', async () => {
    const swept: number[] = [];
    const { timeline, hour } = aTimeline(async (now) => void swept.push(now()));
    await timeline.passDay(0, () => pause(30));
    await timeline.passDay(DAY_MS, () => pause(30));
    expect(swept).toEqual([4, 12, 20, 28, 36, 44]);
    expect(timeline.sweepCount).toBe(6);
    expect(hour()).toBe(48);
  });

  test('does not end before its work has, however slow', async () => {
    const { timeline, hour } = aTimeline(async () => {});
    let seen = 0;
    await timeline.passDay(0, async () => {
      await pause(1_300);
      seen = hour();
    });
    expect(seen).toBe(24);
  });

  test('is told to everybody who reads the clock', async () => {
    const { timeline, announced } = aTimeline(async () => {});
    await timeline.passDay(0, () => pause(10));
    expect(announced[0]).toBe(0);
    expect(announced.at(-1)).toBe(DAY_MS);
  });

  test('fails when its work fails', async () => {
    const { timeline } = aTimeline(async () => {});
    const failing = timeline.passDay(0, () => Promise.reject(new Error('a system has died')));
    await expect(failing).rejects.toThrow('a system has died');
  });
});

describe('a sweep', () => {
  test('is never outlived by its grants: the clock stands before they expire, and goes on when it has ended', async () => {
    const atEnd: number[] = [];
    let running = 0;
    const { timeline } = aTimeline(async (now) => {
      running += 1;
      expect(running).toBe(1);
      await pause(400);
      atEnd.push(now());
      running -= 1;
    });
    await timeline.passDay(0, () => pause(10));
    await timeline.settle();
    expect(atEnd).toHaveLength(3);
    expect(atEnd[0]).toBeLessThanOrEqual(4 + 0.85 * 8);
    expect(atEnd[1]).toBeLessThanOrEqual(12 + 0.85 * 8);
  });

  test('runs while the work of the day is under way, and into the next day', async () => {
    const overlaps: boolean[] = [];
    let working = false;
    const { timeline } = aTimeline(async () => {
      overlaps.push(working);
      await pause(5);
    });
    const work = async () => {
      working = true;
      await pause(1_200);
      working = false;
    };
    await timeline.passDay(0, work);
    expect(overlaps).toContain(true);
  });

  test('that fails ends the story', async () => {
    const { timeline } = aTimeline(() => Promise.reject(new Error('no sweep')));
    await expect(timeline.passDay(0, () => pause(50))).rejects.toThrow('no sweep');
  });
});
