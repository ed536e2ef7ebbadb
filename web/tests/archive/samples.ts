// A mark, a person, a tape for tests.

import type { Mark, Person, Tape } from '../../src/archive/model';

export function mark(kind: string, seconds: number): Mark {
  return {
    id: `${kind}${seconds}`,
    kind,
    at_us: seconds * 1e6,
    recorded: true,
    wall_us: 1e15 + seconds * 1e6,
    seats: ['x'],
    tone: 'plain',
    reason: null,
    document: null,
    clause: null,
    minor: false,
  };
}

export function person(seat: string, endpoints: string[]): Person {
  return { seat, name: seat, role: 'party', standing: 'applicant', endpoints };
}

export function tape(endpoint: string, change: Partial<Tape> = {}): Tape {
  return { endpoint, url: `${endpoint}.webm`, version: '1', picture: true, sound: true, silent: [], blank: [], damaged: [], usable: true, ...change };
}
