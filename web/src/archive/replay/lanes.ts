// One lane per person: where there is a picture, where there is sound, and where not and why.

import type { Person, Stretch, Tape } from '../model';

export interface Span {
  from_us: number;
  to_us: number;
}

export interface Gap extends Stretch {
  part: 'picture' | 'sound';
}

export interface Lane {
  person: Person;
  tapes: Tape[];
  picture: Span[];
  sound: Span[];
  /** Missing although the person was there. */
  gaps: Gap[];
  usable: boolean;
}

/** What is left of [0, end] without the stretches. */
export function without(stretches: readonly Stretch[], end_us: number): Span[] {
  const sorted = [...stretches].sort((one, other) => one.from_us - other.from_us);
  const found: Span[] = [];
  let at = 0;
  sorted.forEach(({ from_us, to_us }) => {
    if (from_us > at) found.push({ from_us: at, to_us: Math.min(from_us, end_us) });
    at = Math.max(at, to_us);
  });
  if (at < end_us) found.push({ from_us: at, to_us: end_us });
  return found.filter((span) => span.to_us > span.from_us);
}

/** Overlapping and adjoining spans joined. */
export function joined(spans: readonly Span[]): Span[] {
  const sorted = [...spans].sort((one, other) => one.from_us - other.from_us);
  const found: Span[] = [];
  sorted.forEach((span) => {
    const last = found[found.length - 1];
    if (last && span.from_us <= last.to_us) last.to_us = Math.max(last.to_us, span.to_us);
    else found.push({ ...span });
  });
  return found;
}

function gapsOf(tape: Tape): Gap[] {
  const blank = (tape.picture ? tape.blank : []).map((each): Gap => ({ ...each, part: 'picture' }));
  const silent = (tape.sound ? tape.silent : []).map((each): Gap => ({ ...each, part: 'sound' }));
  return [...blank, ...silent].filter((each) => each.kind !== 'absent');
}

/** The lanes of those who have a tape, in the order of the people. */
export function lanesOf(people: readonly Person[], tapes: readonly Tape[], end_us: number): Lane[] {
  return people
    .map((person) => ({ person, own: tapes.filter((tape) => person.endpoints.includes(tape.endpoint)) }))
    .filter(({ own }) => own.length > 0)
    .map(({ person, own }) => ({
      person,
      tapes: own,
      picture: joined(own.filter((tape) => tape.picture).flatMap((tape) => without(tape.blank, end_us))),
      sound: joined(own.filter((tape) => tape.sound).flatMap((tape) => without(tape.silent, end_us))),
      gaps: own.flatMap(gapsOf),
      usable: own.every((tape) => tape.usable),
    }));
}
