import { expect, it } from 'vitest';

import { clock, date, day, elapsed, gigabytes, hourMinute, initial } from '../../src/live/format';

const at = (iso: string): number => Date.parse(iso) * 1000;

it('shows the time of Beijing wherever the page is', () => {
  expect(clock(at('2026-07-20T08:16:20Z'))).toBe('16:16:20');
  expect(clock(at('2026-07-20T16:00:00Z'))).toBe('00:00:00');
  expect(hourMinute(at('2026-07-19T23:59:59Z'))).toBe('07:59');
});

it('changes the day at midnight in Beijing', () => {
  expect(day(at('2026-07-20T16:00:00Z')) - day(at('2026-07-20T15:59:59Z'))).toBe(1);
  expect(date(at('2026-12-31T16:00:00Z'))).toEqual({ year: 2027, month: 1, day: 1 });
});

it('counts durations beyond a day, and never below nothing', () => {
  expect(elapsed(620_900_000)).toBe('00:10:20');
  expect(elapsed(26 * 3600e6)).toBe('26:00:00');
  expect(elapsed(-5)).toBe('00:00:00');
});

it('names free space as disks are sold', () => {
  expect(gigabytes(182_400_000_000)).toBe('182');
  expect(gigabytes(1_260_000_000)).toBe('1.3');
});

it('calls a person by the first letter, whatever its width', () => {
  expect(initial('艾合买提·吐尔逊')).toBe('艾');
  expect(initial('𠮷田')).toBe('𠮷');
  expect(initial(' ')).toBe('');
});
