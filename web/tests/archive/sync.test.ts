import { beforeEach, describe, expect, it } from 'vitest';

import { bendFor, cutFor, patience, Sync, type Track } from '../../src/archive/replay/sync';

let now = 0;

/** A tape that plays by the test's clock: `late` s after it is told to, `drift` times too fast. */
class Tape implements Track {
  playbackRate = 1;
  readyState = 4;
  seeking = false;
  ended = false;
  paused = true;
  seeks: number[] = [];
  private from = 0;
  private since = 0;

  constructor(
    private readonly late = 0,
    private readonly drift = 1,
    private readonly seekTime = 0,
    readonly length = 100,
    private readonly refusal: DOMException | null = null,
  ) {}

  get currentTime(): number {
    if (this.paused || this.readyState < 3) return this.from;
    return this.from + Math.max(0, now - this.since) * this.playbackRate * this.drift;
  }

  set currentTime(to: number) {
    this.seeks.push(to);
    this.from = to;
    this.since = now;
    this.ended = to >= this.length;
    this.seeking = this.seekTime > 0;
    this.seekEnds = now + this.seekTime;
  }

  private seekEnds = 0;

  /** Time has passed: fix the position, so that a new speed counts from here. */
  pass(): void {
    const at = this.currentTime;
    if (now > this.since) {
      this.from = at;
      this.since = now;
    }
    if (this.seeking && now >= this.seekEnds) this.seeking = false;
    if (this.from >= this.length) {
      this.from = this.length;
      this.ended = true;
      this.paused = true;
    }
  }

  play(): Promise<void> {
    if (this.refusal) return Promise.reject(this.refusal);
    this.paused = false;
    this.since = now + this.late;
    return Promise.resolve();
  }

  pause(): void {
    this.from = this.currentTime;
    this.paused = true;
  }
}

let tapes: Tape[];

function run(sync: Sync, seconds: number, step = 0.05): void {
  for (let passed = 0; passed < seconds - 1e-9; passed += step) {
    now += step;
    tapes.forEach((tape) => tape.pass());
    sync.tick();
  }
}

function made(sync: Sync, ...all: Tape[]): Sync {
  tapes = all;
  all.forEach((tape, index) => sync.add(String(index), tape));
  return sync;
}

const clock = (): number => now;

beforeEach(() => {
  now = 1000;
});

describe('speeds that bring a track back', () => {
  it('leaves small errors alone, and does not stop half way', () => {
    expect(bendFor(0.02, false)).toBe(1);
    expect(bendFor(0.02, true)).toBeCloseTo(0.95);
    expect(bendFor(0.005, true)).toBe(1);
    expect(bendFor(0.1, false)).toBeCloseTo(0.95);
    expect(bendFor(-0.1, false)).toBeCloseTo(1.05);
  });
});

it('plays together tapes that start at different moments, and takes its time from them', () => {
  const sync = made(new Sync(clock, 100), new Tape(0.04), new Tape(0.05), new Tape(0.18));
  sync.play();
  run(sync, 3);
  expect(sync.phase).toBe('playing');
  run(sync, 5);
  const places = tapes.map((tape) => tape.currentTime);
  expect(Math.max(...places) - Math.min(...places)).toBeLessThan(0.05);
  expect(Math.abs(sync.position - (places[1] ?? 0))).toBeLessThan(0.05);
  expect(tapes.every((tape) => tape.seeks.length <= 1)).toBe(true);
});

it('bends the speed of a tape that runs 1 % too fast, and keeps it near', () => {
  const sync = made(new Sync(clock, 100), new Tape(), new Tape(0, 1.01), new Tape());
  sync.play();
  let worst = 0;
  for (let second = 0; second < 30; second += 1) {
    run(sync, 1);
    worst = Math.max(worst, ...Object.values(sync.errors).map(Math.abs));
  }
  expect(worst).toBeLessThan(0.06);
  expect(tapes[1]?.seeks.length).toBeLessThanOrEqual(1);
});

it('lets a tape jump that is far off, and not twice in two seconds', () => {
  const slow = new Tape(0, 0.5);
  const sync = made(new Sync(clock, 100), new Tape(), slow, new Tape());
  sync.play();
  run(sync, 6);
  expect(slow.seeks.length).toBeGreaterThan(1);
  expect(slow.seeks.length).toBeLessThanOrEqual(4);
});

it('gives way when all tapes fall behind together, instead of chasing the clock', () => {
  const sync = made(new Sync(clock, 100), new Tape(0, 0.9), new Tape(0, 0.9), new Tape(0, 0.9));
  sync.play();
  run(sync, 20);
  expect(sync.phase).toBe('playing');
  expect(tapes.every((tape) => tape.seeks.length <= 1)).toBe(true);
  expect(Math.max(...Object.values(sync.errors).map(Math.abs))).toBeLessThan(0.1);
});

it('keeps speed and place when the speed is changed in the middle', () => {
  const sync = made(new Sync(clock, 100), new Tape(), new Tape());
  sync.play();
  run(sync, 4);
  const before = sync.position;
  sync.setRate(2);
  expect(sync.position).toBeCloseTo(before, 5);
  run(sync, 4);
  expect(sync.position).toBeCloseTo(before + 8, 1);
  expect(Math.abs((tapes[0]?.currentTime ?? 0) - sync.position)).toBeLessThan(0.05);
});

describe('going somewhere', () => {
  it('waits for all to be there before it plays on', () => {
    const sync = made(new Sync(clock, 100), new Tape(), new Tape(0, 1, 0.8));
    sync.play();
    run(sync, 2);
    sync.seek(50);
    run(sync, 0.5);
    expect(sync.phase).toBe('gathering');
    expect(sync.position).toBe(50);
    expect(tapes[0]?.currentTime).toBe(50);
    run(sync, 1);
    expect(sync.phase).toBe('playing');
    expect(Math.abs((tapes[0]?.currentTime ?? 0) - (tapes[1]?.currentTime ?? 0))).toBeLessThan(0.03);
  });

  it('stays paused when it was paused, and within the recording', () => {
    const sync = made(new Sync(clock, 100), new Tape());
    sync.seek(30);
    run(sync, 1);
    expect(sync.phase).toBe('paused');
    expect(sync.position).toBe(30);
    sync.seek(-5);
    expect(sync.position).toBe(0);
    sync.seek(500);
    expect(sync.position).toBe(100);
  });

  it('does not wait for ever for one that never comes', () => {
    const dead = new Tape();
    dead.readyState = 1;
    const sync = made(new Sync(clock, 100), new Tape(), new Tape(), dead);
    sync.play();
    run(sync, patience - 0.5);
    expect(sync.phase).toBe('gathering');
    run(sync, 2);
    expect(sync.phase).toBe('playing');
    run(sync, 5);
    expect(tapes[0]?.paused).toBe(false);
  });
});

it('holds all when one runs dry, and goes on when it has data again', () => {
  const sync = made(new Sync(clock, 100), new Tape(), new Tape());
  sync.play();
  run(sync, 3);
  const dry = tapes[1];
  if (!dry) throw new Error('no tape');
  dry.readyState = 2;
  run(sync, 0.6);
  expect(sync.phase).toBe('gathering');
  expect(tapes[0]?.paused).toBe(true);
  dry.readyState = 4;
  run(sync, 1);
  expect(sync.phase).toBe('playing');
  expect(Math.abs((tapes[0]?.currentTime ?? 0) - dry.currentTime)).toBeLessThan(0.03);
});

it('goes on with the rest when a tape is shorter than the recording or is taken away', () => {
  const sync = made(new Sync(clock, 10), new Tape(0, 1, 0, 4), new Tape(0, 1, 0, 10));
  sync.play();
  run(sync, 6);
  expect(sync.phase).toBe('playing');
  sync.remove('0');
  run(sync, 5);
  expect(sync.phase).toBe('ended');
  expect(sync.position).toBe(10);
  sync.play();
  expect(sync.position).toBe(0);
});

it('stands at a cut for a moment, once, and only when it plays into it', () => {
  const sync = made(new Sync(clock, 20, [3]), new Tape());
  sync.play();
  run(sync, 3.3);
  expect(sync.phase).toBe('cut');
  expect(sync.position).toBe(3);
  expect(tapes[0]?.paused).toBe(true);
  run(sync, cutFor + 0.5);
  expect(sync.phase).toBe('playing');
  run(sync, 2);
  expect(sync.phase).toBe('playing');
  sync.seek(1);
  sync.seek(8);
  run(sync, 2);
  expect(sync.phase).toBe('playing');
});

it('says that the browser wants a click', async () => {
  const sync = made(new Sync(clock, 20), new Tape(0, 1, 0, 20, new DOMException('no', 'NotAllowedError')));
  sync.play();
  run(sync, 0.1);
  await Promise.resolve();
  await Promise.resolve();
  expect(sync.blocked).toBe(true);
  expect(sync.phase).toBe('paused');
});
