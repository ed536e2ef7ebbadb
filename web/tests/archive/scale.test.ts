import { describe, expect, it } from 'vitest';

import { instant, percent, rowsFor, ticks } from '../../src/archive/replay/scale';

const minute = 60e6;

describe('the scale', () => {
  it('maps both ways, and never leaves the recording', () => {
    expect(percent(15e6, minute)).toBe(25);
    expect(percent(-1, minute)).toBe(0);
    expect(percent(2 * minute, minute)).toBe(100);
    expect(instant(200, 800, minute)).toBe(15e6);
    expect(instant(-5, 800, minute)).toBe(0);
    expect(instant(900, 800, minute)).toBe(minute);
  });

  it('knows nothing of a recording without length', () => {
    expect(percent(5, 0)).toBe(0);
    expect(ticks(0, 800)).toEqual([0]);
    expect(instant(5, 0, minute)).toBe(0);
  });
});

describe('ticks', () => {
  it.each([3e6, 20e6, minute, 7 * minute, 57 * minute + 20e6, 5 * 60 * minute])('of %d µs begin, end, and stand apart', (end) => {
    [320, 800, 1600].forEach((width) => {
      const all = ticks(end, width);
      expect(all[0]).toBe(0);
      expect(all[all.length - 1]).toBe(end);
      const gaps = all.slice(1).map((tick, index) => ((tick - (all[index] ?? 0)) / end) * width);
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(88 - 1e-6);
    });
  });

  it('are round', () => {
    expect(ticks(10 * minute, 900)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => n * minute).filter((at) => at === 0 || at % minute === 0));
  });
});

describe('rows of labels', () => {
  it('move to the second row, and become ticks where both are taken', () => {
    const labels = [{ at: 20, width: 40 }, { at: 30, width: 40 }, { at: 35, width: 40 }, { at: 100, width: 40 }];
    expect(rowsFor(labels, 2)).toEqual([0, 1, null, 0]);
    expect(rowsFor([{ at: 100, width: 40 }, { at: 20, width: 40 }, { at: 90, width: 20 }], 2)).toEqual([0, 0, 1]);
  });
});
