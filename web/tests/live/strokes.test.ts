import { describe, expect, it } from 'vitest';

import { Ink, lengthOf, type Sample } from '../../src/live/signing/strokes';

const pad = { width: 400, height: 200 };
const at = (time: number, x: number, y: number, pressure = 0.5): Sample => ({ time, x, y, pressure });

function write(ink: Ink, points: [number, number][], pointer = 1, where = pad): void {
  const samples = points.map(([x, y], index) => at(1000 + index * 10, x, y));
  ink.begin(pointer, 'touch', samples[0] as Sample, where);
  ink.move(pointer, samples.slice(1), where);
  ink.end(pointer);
}

const line: [number, number][] = [[10, 10], [30, 10], [60, 10]];

describe('strokes', () => {
  it('begin their time anew, and keep place and pressure', () => {
    const ink = new Ink();
    ink.begin(7, 'pen', at(5000.25, 10, 20, 0.3), pad);
    ink.move(7, [at(5008.5, 20, 20, 0.456_789), at(5016, 30, 25, 1)], pad);
    expect(ink.strokes).toEqual([]);
    expect(ink.end(7)).toBe(true);
    expect(ink.strokes).toEqual([[[0, 10, 20, 0.3], [8.3, 20, 20, 0.457], [15.8, 30, 25, 1]]]);
    expect(ink.packed(2)).toEqual({ width: 400, height: 200, dpr: 2, pointer_type: 'pen', strokes: ink.strokes });
  });

  it('have half the pressure where the device knows none', () => {
    const ink = new Ink();
    ink.begin(1, 'touch', at(0, 1, 1, 0), pad);
    ink.end(1);
    expect(ink.strokes[0]?.[0]?.[3]).toBe(0.5);
    expect(ink.packed(1).pointer_type).toBe('touch');
  });

  it('are of one pointer: a second finger writes nothing and ends nothing', () => {
    const ink = new Ink();
    ink.begin(1, 'touch', at(0, 10, 10), pad);
    expect(ink.begin(2, 'touch', at(1, 300, 100), pad)).toBe(false);
    expect(ink.move(2, [at(2, 310, 100)], pad)).toBe(false);
    expect(ink.end(2)).toBe(false);
    expect(ink.drop(2)).toBe(false);
    expect(ink.current).toHaveLength(1);
  });

  it('pass over points that lie on the one before', () => {
    const ink = new Ink();
    ink.begin(1, 'mouse', at(0, 10, 10), pad);
    ink.move(1, [at(1, 10, 10), at(2, 10.1, 10), at(3, 11, 10)], pad);
    expect(ink.current).toHaveLength(2);
  });

  it('that were interrupted are not kept, and the finished ones are', () => {
    const ink = new Ink();
    write(ink, line);
    ink.begin(1, 'touch', at(0, 50, 50), pad);
    ink.move(1, [at(5, 90, 90)], pad);
    expect(ink.drop()).toBe(true);
    expect(ink.strokes).toHaveLength(1);
    expect(ink.drop()).toBe(false);
    // The next stroke begins as if nothing had been.
    expect(ink.begin(1, 'touch', at(9, 1, 1), pad)).toBe(true);
  });

  it('are gone after clearing, with their frame', () => {
    const ink = new Ink();
    write(ink, line);
    ink.clear();
    expect([ink.empty, ink.enough, ink.frame]).toEqual([true, false, null]);
    write(ink, line, 1, { width: 800, height: 100 });
    expect(ink.frame).toEqual({ width: 800, height: 100 });
  });
});

describe('enough of a name', () => {
  it('is no tap, however often', () => {
    const ink = new Ink();
    for (let n = 0; n < 5; n += 1) write(ink, [[n * 20, 10]]);
    expect(ink.enough).toBe(false);
  });

  it('is three strokes of which one is drawn', () => {
    const ink = new Ink();
    write(ink, [[10, 10]]);
    write(ink, [[20, 10]]);
    expect(ink.enough).toBe(false);
    write(ink, line);
    expect(ink.enough).toBe(true);
  });

  it('is one stroke of 150 px', () => {
    const short = new Ink();
    write(short, [[0, 10], [70, 10], [149, 10]]);
    expect([lengthOf(short.strokes[0] ?? []), short.enough]).toEqual([149, false]);
    const long = new Ink();
    write(long, [[0, 10], [70, 10], [150, 10]]);
    expect(long.enough).toBe(true);
  });

  it('can be too much', () => {
    const ink = new Ink();
    write(ink, line);
    expect(ink.tooMuch).toBe(false);
    for (let n = 0; n < 90; n += 1) write(ink, Array.from({ length: 130 }, (_, index): [number, number] => [index * 2.37, n * 1.91]));
    expect(ink.tooMuch).toBe(true);
  });
});

describe('a turned screen', () => {
  const upright = { width: 200, height: 400 };

  it('bends nothing: the first frame lies in the middle of the new pad, as large as fits', () => {
    const ink = new Ink();
    write(ink, line);
    expect(ink.fit(pad)).toEqual({ scale: 1, dx: 0, dy: 0 });
    expect(ink.fit(upright)).toEqual({ scale: 0.5, dx: 0, dy: 150 });
  });

  it('takes what is written then into the first frame', () => {
    const ink = new Ink();
    write(ink, line);
    write(ink, [[100, 250], [150, 250]], 1, upright);
    expect(ink.strokes[1]?.map(([, x, y]) => [x, y])).toEqual([[200, 200], [300, 200]]);
    expect(ink.packed(1)).toMatchObject({ width: 400, height: 200 });
  });

  it('sends what was written beside the first frame with a larger one, never negative', () => {
    const ink = new Ink();
    write(ink, line);
    write(ink, [[100, 100], [100, 350]], 1, upright);
    const sent = ink.packed(1);
    expect(sent).toMatchObject({ width: 400, height: 500 });
    expect(sent.strokes[0]?.[0]?.slice(1, 3)).toEqual([10, 110]);
    expect(sent.strokes[1]?.map(([, x, y]) => [x, y])).toEqual([[200, 0], [200, 500]]);
  });
});
