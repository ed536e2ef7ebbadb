// Marks: what happened, on recording time.

import type { Mark } from '../model';

/** How long the card of a signature is shown, µs of recording time. */
export const signatureFor = 5e6;
/** Nearer than this to a mark counts as being at it, µs. */
const near = 300_000;

export function nextMark(marks: readonly Mark[], at_us: number): Mark | undefined {
  return marks.find((mark) => !mark.minor && mark.at_us > at_us + near);
}

/** The mark before; one that has just been passed is left over, so that twice goes back twice. */
export function previousMark(marks: readonly Mark[], at_us: number): Mark | undefined {
  const before = marks.filter((mark) => !mark.minor && mark.at_us < at_us - 3 * near);
  const last = before[before.length - 1];
  return last;
}

/** The last thing that has happened by now. */
export function currentMark(marks: readonly Mark[], at_us: number): Mark | undefined {
  let found: Mark | undefined;
  for (const mark of marks) {
    if (mark.at_us > at_us) break;
    found = mark;
  }
  return found;
}

/** The signature given here or within the last seconds. */
export function signatureAt(marks: readonly Mark[], at_us: number): Mark | undefined {
  const signed = marks.filter((mark) => mark.kind === 'signed' && mark.recorded);
  const given = signed.filter((mark) => mark.at_us <= at_us && at_us < mark.at_us + signatureFor);
  return given[given.length - 1];
}

/** Kinds that stand with their words on the timeline, the most important first; the others are ticks. */
export const worded = [
  'signed', 'completed', 'server_restarted', 'recording_failed', 'lost', 'frozen', 'reopened', 'left', 'joined', 'recording_started', 'recording_stopped',
];

/** What was not recorded has no words of its own there: it stands in the list. */
export function wordedMarks(marks: readonly Mark[]): Mark[] {
  return worded.flatMap((kind) => marks.filter((mark) => mark.kind === kind && mark.recorded));
}
