// How a moment of a recording is cited: case, position on the recording, time of day.

import { clock, date } from '../../live/format';
import type { Replay } from '../model';
import { position, wallAt } from './times';

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** The case number, R and the time of day, as they are written everywhere. */
export function citation(replay: Replay, at_us: number): string {
  const parts = [replay.case_number || replay.title, `R ${position(at_us)}`];
  const wall = wallAt(replay.intervals, at_us);
  if (wall !== null) {
    const { year, month, day } = date(wall);
    parts.push(`${year}-${two(month)}-${two(day)} ${clock(wall)}`);
  }
  return parts.join(', ');
}
