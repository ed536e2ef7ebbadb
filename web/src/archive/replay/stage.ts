// Which tape is on the stage at an instant, in what state, and how the tiles are laid out.

import type { Person, Stretch, Tape } from '../model';

export type TileState = 'shown' | 'away' | 'lost' | 'no_picture' | 'unusable';

function stretchAt(stretches: readonly Stretch[], at_us: number): Stretch | undefined {
  return stretches.find((each) => each.from_us <= at_us && at_us < each.to_us);
}

/** Why picture and sound are missing; null where they are there. */
function missing(tape: Tape, at_us: number): { picture: string | null; sound: string | null } {
  return {
    picture: tape.picture ? (stretchAt(tape.blank, at_us)?.kind ?? null) : 'never',
    sound: tape.sound ? (stretchAt(tape.silent, at_us)?.kind ?? null) : 'never',
  };
}

/** What a tile shows. `away`: its person had not come yet, or had left. */
export function tileState(tape: Tape, at_us: number): TileState {
  if (!tape.usable) return 'unusable';
  const { picture, sound } = missing(tape, at_us);
  if (picture === null) return 'shown';
  if (sound === null) return 'no_picture';
  const kinds = [picture, sound];
  if (kinds.includes('line_lost')) return 'lost';
  return kinds.every((kind) => kind === 'absent' || kind === 'never') ? 'away' : 'no_picture';
}

/** Nothing is heard since the microphone was off. */
export function isMuted(tape: Tape, at_us: number): boolean {
  return stretchAt(tape.silent, at_us)?.kind === 'muted';
}

/** The sound has a hole that nobody ordered. */
export function isDamaged(tape: Tape, at_us: number): boolean {
  return stretchAt(tape.damaged, at_us) !== undefined;
}

/** Those before the camera of a tape. */
export function seatsOf(people: readonly Person[], tape: Tape): Person[] {
  return people.filter((person) => person.endpoints.includes(tape.endpoint));
}

/** Columns and rows for `n` tiles of one size. */
export function gridFor(n: number, wide: boolean): { columns: number; rows: number } {
  const columns = Math.min(wide ? 4 : 2, Math.max(1, Math.ceil(Math.sqrt(n))));
  return { columns, rows: Math.max(1, Math.ceil(n / columns)) };
}

/** Columns and rows of the small tiles beside a large one. */
export function besideFor(others: number): { columns: number; rows: number } {
  if (others <= 0) return { columns: 0, rows: 1 };
  const columns = others <= 2 ? 1 : 2;
  return { columns, rows: Math.max(2, Math.ceil(others / columns)) };
}
