import { expect, it } from 'vitest';

import { cutsOf, markOf, replayOf, stillLooking, tapeOf } from '../../src/archive/translate';
import type { WireCue, WireFile, WireReplay } from '../../src/archive/wire';

const cue: WireCue = {
  seq: 7,
  kind: 'joined',
  at_us: 5,
  r_us: null,
  wall_us: 100,
  seats: ['s'],
  endpoint: 'e',
  source: null,
  reason: null,
  document: null,
  clause: null,
  to_us: null,
};

function file(endpoint: string, change: Partial<WireFile> = {}): WireFile {
  const url = `media/x/${endpoint}.webm`;
  return { endpoint, url, bytes: 1, sha256: 'ab'.repeat(32), video: true, audio: true, filled: [], holes: [], damaged: [], usable: true, ...change };
}

function person(seat: string, endpoint: string): WireReplay['people'][number] {
  return { seat, name: seat, role: 'party', standing: null, unit: '', endpoints: [endpoint] };
}

const answer: WireReplay = {
  session: 'x',
  title: '',
  case_number: '',
  track: 'people',
  state: 'closed',
  recording: 'stopped',
  r_end_us: 20,
  opened_us: null,
  closed_us: null,
  people: [person('one', 'b'), person('two', 'a')],
  intervals: [],
  cues: [cue],
  files: [file('a'), file('b', { usable: false })],
  flaws: [
    { kind: 'never_recorded', endpoint: null, at_us: null },
    { kind: 'copy_changed', endpoint: 'b', at_us: null },
  ],
  packaging: { state: 'ready', progress: 1 },
};

it('keeps the place of what was not recorded, and says that it was not', () => {
  expect(markOf(cue)).toMatchObject({ at_us: 5, recorded: false, kind: 'joined', minor: false });
  expect(markOf({ ...cue, kind: 'muted', source: 'camera', r_us: 5 })).toMatchObject({ kind: 'muted_camera', recorded: true, minor: true });
});

it('finds a cut between two intervals, with its true length and reason', () => {
  const cuts = cutsOf([
    { r_from_us: 0, r_to_us: 10, wall_from_us: 100, wall_to_us: 110, ended_by: 'host' },
    { r_from_us: 10, r_to_us: 15, wall_from_us: 150, wall_to_us: 155, ended_by: 'server_restarted' },
    { r_from_us: 15, r_to_us: 20, wall_from_us: 170, wall_to_us: 175, ended_by: null },
  ]);
  expect(cuts).toEqual([
    { r_us: 10, wall_from_us: 110, wall_to_us: 150, reason: 'host' },
    { r_us: 15, wall_from_us: 155, wall_to_us: 170, reason: 'server_restarted' },
  ]);
  expect(cutsOf([])).toEqual([]);
});

it('orders the tapes as the people, and plays none that is not what was made', () => {
  const replay = replayOf(answer, '/u/me/');
  expect(replay.tapes.map((tape) => [tape.endpoint, tape.usable])).toEqual([['b', false], ['a', true]]);
  expect(replay.flaws.map((flaw) => flaw.kind)).toEqual(['copy_changed']);
});

it('gives another content another address', () => {
  expect(tapeOf(file('a'), '/u/me/').url).toBe('/u/me/media/x/a.webm?v=abababababababab');
  expect(tapeOf(file('a', { sha256: 'cd'.repeat(32) }), '/u/me/').url).not.toBe(tapeOf(file('a'), '/u/me/').url);
});

it('plays a file that is still being looked at, and asks again', () => {
  const looking = { ...answer, files: [file('a', { usable: null })] };
  expect(replayOf(looking, '/').tapes[0]?.usable).toBe(true);
  expect(stillLooking(looking)).toBe(true);
  expect(stillLooking(answer)).toBe(false);
});
