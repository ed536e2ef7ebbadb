// Positions on the recording as people read them: R in µs in, words out.

import { date } from '../../live/format';
import type { Interval } from '../model';

/** HH:MM:SS.t of a position on the recording. */
export function position(us: number): string {
  const tenths = Math.max(0, Math.floor(us / 1e5));
  const seconds = Math.floor(tenths / 10);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${parts.map((part) => String(part).padStart(2, '0')).join(':')}.${tenths % 10}`;
}

/** MM:SS, or HH:MM:SS where the recording is that long: for the ruler and lists. */
export function short(us: number, end_us: number): string {
  const whole = position(us).slice(0, 8);
  return end_us >= 3600e6 ? whole : whole.slice(3);
}

/** Minutes and seconds of a duration, for sentences. */
export function minutesAndSeconds(us: number): { m: number; s: number } {
  const seconds = Math.max(0, Math.round(us / 1e6));
  return { m: Math.floor(seconds / 60), s: seconds % 60 };
}

/** The time of day (UTC µs) at a position on the recording; null where nothing was recorded. */
export function wallAt(intervals: readonly Interval[], r_us: number): number | null {
  const first = intervals[0];
  if (!first) return null;
  let found = first;
  for (const each of intervals) if (each.r_from_us <= r_us) found = each;
  return found.wall_from_us + Math.max(0, r_us - found.r_from_us);
}

/** The position on the recording at a time of day: where nothing was recorded, the next cut before it. */
export function positionAt(intervals: readonly Interval[], wall_us: number): number {
  let found = 0;
  for (const each of intervals) {
    if (each.wall_from_us > wall_us) break;
    const length = each.r_to_us - each.r_from_us;
    found = each.r_from_us + Math.max(0, Math.min(length, wall_us - each.wall_from_us));
  }
  return found;
}

/** Year-month-day in Beijing. */
export function dayOf(wall_us: number): string {
  const { year, month, day } = date(wall_us);
  return [year, month, day].map((part) => String(part).padStart(2, '0')).join('-');
}
