import { describe, expect, it } from 'vitest';

import { placeOf, replayAddress, startOf } from '../../src/archive/api';
import { joined, lanesOf, without } from '../../src/archive/replay/lanes';
import { currentMark, nextMark, previousMark, signatureAt, wordedMarks } from '../../src/archive/replay/marks';
import { besideFor, gridFor, isMuted, tileState } from '../../src/archive/replay/stage';
import { minutesAndSeconds, position, positionAt, short, wallAt } from '../../src/archive/replay/times';
import { allPlain, changed, loudness, type Voices } from '../../src/archive/replay/voices';
import { mark, person, tape } from './samples';

const s = 1e6;

describe('positions', () => {
  it('are read in tenths, on the ruler in seconds', () => {
    expect(position(3_067_349_000)).toBe('00:51:07.3');
    expect(position(-1)).toBe('00:00:00.0');
    expect(short(67 * s, 600 * s)).toBe('01:07');
    expect(short(67 * s, 3600 * s)).toBe('00:01:07');
    expect(minutesAndSeconds(1020 * s)).toEqual({ m: 17, s: 0 });
  });

  it('have a time of day, before and behind a cut', () => {
    const intervals = [
      { r_from_us: 0, r_to_us: 10 * s, wall_from_us: 1000 * s },
      { r_from_us: 10 * s, r_to_us: 30 * s, wall_from_us: 1100 * s },
    ];
    expect(wallAt(intervals, 9 * s)).toBe(1009 * s);
    expect(wallAt(intervals, 10 * s)).toBe(1100 * s);
    expect(wallAt(intervals, 25 * s)).toBe(1115 * s);
    expect(wallAt([], 5)).toBeNull();
    expect(positionAt(intervals, 1009 * s)).toBe(9 * s);
    expect(positionAt(intervals, 1050 * s)).toBe(10 * s);
    expect(positionAt(intervals, 1115 * s)).toBe(25 * s);
    expect(positionAt(intervals, 900 * s)).toBe(0);
    expect(positionAt(intervals, 5000 * s)).toBe(30 * s);
  });
});

describe('addresses', () => {
  it('name a person, a session and an instant', () => {
    expect(placeOf('/u/abc-_1/archive')).toEqual({ base: '/u/abc-_1/', session: null });
    expect(placeOf('/u/abc/archive/0192-x')).toEqual({ base: '/u/abc/', session: '0192-x' });
    expect(startOf('#t=12.5')).toBe(12.5 * s);
    expect(startOf('#t=x')).toBe(0);
    expect(replayAddress('/u/abc/', 'x', 12.52 * s)).toBe('/u/abc/archive/x#t=12.5');
  });
});

describe('marks', () => {
  const marks = [mark('joined', 1), mark('signed', 10), mark('signed', 14), mark('left', 20)];

  it('are gone to one after the other, and back', () => {
    expect(nextMark(marks, 0)?.at_us).toBe(1 * s);
    expect(nextMark(marks, 10 * s)?.at_us).toBe(14 * s);
    expect(nextMark(marks, 20 * s)).toBeUndefined();
    expect(previousMark(marks, 14.2 * s)?.at_us).toBe(10 * s);
    expect(previousMark(marks, 18 * s)?.at_us).toBe(14 * s);
    expect(previousMark(marks, 0)).toBeUndefined();
  });

  it('say what was last', () => {
    expect(currentMark(marks, 0)).toBeUndefined();
    expect(currentMark(marks, 12 * s)?.at_us).toBe(10 * s);
  });

  it('show a signature for five seconds, the newer one first', () => {
    expect(signatureAt(marks, 9.9 * s)).toBeUndefined();
    expect(signatureAt(marks, 10 * s)?.at_us).toBe(10 * s);
    expect(signatureAt(marks, 14.5 * s)?.at_us).toBe(14 * s);
    expect(signatureAt(marks, 19 * s)).toBeUndefined();
    expect(signatureAt([{ ...mark('signed', 10), recorded: false }], 10 * s)).toBeUndefined();
  });

  it('give the room on the timeline to signatures first', () => {
    expect(wordedMarks([mark('lost', 3), mark('acknowledged', 1), mark('signed', 10), { ...mark('signed', 12), recorded: false }]).map((each) => each.kind)).toEqual(['signed', 'lost']);
  });
});

describe('a tile', () => {
  const there = tape('a', {
    blank: [{ kind: 'absent', from_us: 0, to_us: 2 * s }, { kind: 'muted', from_us: 5 * s, to_us: 6 * s }, { kind: 'line_lost', from_us: 8 * s, to_us: 9 * s }],
    silent: [{ kind: 'absent', from_us: 0, to_us: 2 * s }, { kind: 'line_lost', from_us: 8 * s, to_us: 9 * s }, { kind: 'muted', from_us: 3 * s, to_us: 4 * s }],
  });

  it('says what is missing and why', () => {
    expect(tileState(there, 1 * s)).toBe('away');
    expect(tileState(there, 3 * s)).toBe('shown');
    expect(isMuted(there, 3.5 * s)).toBe(true);
    expect(tileState(there, 5.5 * s)).toBe('no_picture');
    expect(tileState(there, 8.5 * s)).toBe('lost');
    expect(tileState({ ...there, usable: false }, 3 * s)).toBe('unusable');
    expect(tileState(tape('a', { picture: false }), 3 * s)).toBe('no_picture');
  });

  it('has its place among the others', () => {
    expect(gridFor(1, true)).toEqual({ columns: 1, rows: 1 });
    expect(gridFor(7, true)).toEqual({ columns: 3, rows: 3 });
    expect(gridFor(7, false)).toEqual({ columns: 2, rows: 4 });
    for (let n = 1; n < 20; n += 1) {
      const { columns, rows } = gridFor(n, true);
      expect(columns * rows).toBeGreaterThanOrEqual(n);
      const beside = besideFor(n);
      expect(beside.columns * beside.rows).toBeGreaterThanOrEqual(n);
    }
  });
});

describe('lanes', () => {
  it('cut holes out of the whole', () => {
    expect(without([], 10)).toEqual([{ from_us: 0, to_us: 10 }]);
    expect(without([{ kind: 'x', from_us: 4, to_us: 6 }, { kind: 'x', from_us: 0, to_us: 2 }, { kind: 'x', from_us: 5, to_us: 7 }], 10)).toEqual([
      { from_us: 2, to_us: 4 },
      { from_us: 7, to_us: 10 },
    ]);
    expect(without([{ kind: 'x', from_us: 0, to_us: 20 }], 10)).toEqual([]);
  });

  it('join what touches', () => {
    expect(joined([{ from_us: 5, to_us: 9 }, { from_us: 0, to_us: 5 }, { from_us: 12, to_us: 13 }])).toEqual([
      { from_us: 0, to_us: 9 },
      { from_us: 12, to_us: 13 },
    ]);
  });

  it('are one for each person, over all devices, and show what is missing but not absence', () => {
    const first = tape('a', { blank: [{ kind: 'absent', from_us: 5, to_us: 10 }], silent: [{ kind: 'absent', from_us: 5, to_us: 10 }, { kind: 'muted', from_us: 1, to_us: 2 }] });
    const second = tape('b', { blank: [{ kind: 'absent', from_us: 0, to_us: 7 }], silent: [{ kind: 'absent', from_us: 0, to_us: 7 }] });
    const lanes = lanesOf([person('x', ['a', 'b']), person('nobody', [])], [first, second], 10);
    expect(lanes.map((lane) => lane.person.seat)).toEqual(['x']);
    expect(lanes[0]?.picture).toEqual([{ from_us: 0, to_us: 5 }, { from_us: 7, to_us: 10 }]);
    expect(lanes[0]?.gaps).toEqual([{ kind: 'muted', from_us: 1, to_us: 2, part: 'sound' }]);
  });
});

describe('voices', () => {
  it('can be silenced, heard alone, and made softer', () => {
    let voices: Voices = {};
    expect(loudness(voices, 'a')).toBe(1);
    voices = changed(voices, 'a', { volume: 0.4 });
    expect(loudness(voices, 'a')).toBe(0.4);
    voices = changed(voices, 'b', { solo: true });
    expect(loudness(voices, 'a')).toBe(0);
    expect(loudness(voices, 'b')).toBe(1);
    voices = changed(voices, 'b', { muted: true });
    expect(loudness(voices, 'b')).toBe(0);
    expect(allPlain(voices)).toBe(false);
    expect(allPlain({})).toBe(true);
  });
});
