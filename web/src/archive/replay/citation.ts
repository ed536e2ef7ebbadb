// How a moment of a recording is cited: case, position on the recording, time of day.

import { clock } from '../../live/format';
import type { Replay } from '../model';
import { dayOf, position, wallAt } from './times';

/** The case number, R and the time of day, as they are written everywhere. */
export function citation(replay: Replay, at_us: number): string {
  const parts = [replay.case_number || replay.title, `R ${position(at_us)}`];
  const wall = wallAt(replay.intervals, at_us);
  if (wall !== null) {
    parts.push(`${dayOf(wall)} ${clock(wall)}`);
  }
  return parts.join(', ');
}
