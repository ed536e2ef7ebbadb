// Several media elements on one timeline. A clock of our own leads, as most of them go; they are
// started together, kept together, and wait for one another when one of them has no data.

/** What is needed of a media element; times are seconds of recording time. */
export interface Track {
  currentTime: number;
  playbackRate: number;
  readonly readyState: number;
  readonly seeking: boolean;
  readonly ended: boolean;
  readonly paused: boolean;
  play(): Promise<void>;
  pause(): void;
}

/** paused; gathering: all go to one place and load; starting: told to play, not yet all moving;
 * playing; cut: stands for a moment where the recording was paused; ended. */
export type Phase = 'paused' | 'gathering' | 'starting' | 'playing' | 'cut' | 'ended';

/** Beyond this a track jumps, s; below it only changes its speed. */
export const jumpBeyond = 0.3;
/** Beyond this a track changes its speed, s, until it is nearer than `nearEnough`. */
export const bendBeyond = 0.03;
export const nearEnough = 0.01;
/** How much faster or slower a track may run. */
export const bend = 0.05;
/** How long the others wait for a track without data, s. */
export const patience = 5;
/** How long a track may be without data before the others wait, s. */
const dryAtMost = 0.3;
/** How long tracks may take to begin to move, s. */
const startAtMost = 1;
/** A track that has jumped is left alone for so long, s. */
const jumpEvery = 2;
/** Beyond this the clock gives way to what most of the tracks say, s. */
export const yieldBeyond = 0.05;
/** How long a cut is shown, s. */
export const cutFor = 2;

const haveCurrent = 2;
const haveFuture = 3;

interface Follower {
  track: Track;
  /** Without data since (s of the clock), or null. */
  drySince: number | null;
  jumpedAt: number;
  bending: boolean;
  /** The others no longer wait for it; it joins them when it has data. */
  late: boolean;
}

/** By what factor a track that is `error` s ahead has to run: 1, or 5 % slower or faster. */
export function bendFor(error: number, bending: boolean): number {
  if (Math.abs(error) <= (bending ? nearEnough : bendBeyond)) return 1;
  return error > 0 ? 1 - bend : 1 + bend;
}

/** It stands where it should, with data to go on. */
function settled(track: Track): boolean {
  return !track.seeking && (track.ended || track.readyState >= haveFuture);
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

export class Sync {
  phase: Phase = 'paused';
  /** The browser wants a click before it plays. */
  blocked = false;
  private followers = new Map<string, Follower>();
  private held = 0;
  private anchor = 0;
  private speed = 1;
  private since = 0;
  private seen = 0;

  /** `now`: a steady clock, s. `end`: the length of the recording, s. `cuts`: where it was paused, s. */
  constructor(
    private readonly now: () => number,
    private end: number,
    private cuts: readonly number[] = [],
  ) {}

  get position(): number {
    if (this.phase !== 'playing') return this.held;
    return Math.min(this.end, this.held + (this.now() - this.anchor) * this.speed);
  }

  get rate(): number {
    return this.speed;
  }

  /** It plays, or will as soon as it can. */
  get wanted(): boolean {
    return this.phase !== 'paused' && this.phase !== 'ended';
  }

  /** How far each track is from the clock, s; for whoever looks. */
  get errors(): Record<string, number> {
    const at = this.position;
    return Object.fromEntries([...this.followers].map(([id, each]) => [id, each.track.currentTime - at]));
  }

  add(id: string, track: Track): void {
    this.followers.set(id, { track, drySince: null, jumpedAt: -Infinity, bending: false, late: false });
    track.currentTime = this.position;
    if (this.wanted) this.gather(this.position);
  }

  remove(id: string): void {
    this.followers.get(id)?.track.pause();
    this.followers.delete(id);
  }

  play(): void {
    if (this.wanted || this.end <= 0) return;
    this.blocked = false;
    this.gather(this.phase === 'ended' ? 0 : this.held);
  }

  pause(): void {
    if (!this.wanted) return;
    this.held = this.position;
    this.rest('paused');
  }

  seek(to: number): void {
    const at = Math.max(0, Math.min(this.end, to));
    if (this.wanted) {
      this.gather(at);
      return;
    }
    this.held = at;
    this.phase = 'paused';
    this.eachTrack((follower) => this.place(follower, at));
  }

  setRate(rate: number): void {
    this.held = this.position;
    this.anchor = this.now();
    this.speed = rate;
    this.eachTrack((follower) => (follower.track.playbackRate = rate));
  }

  /** To be called some ten times a second. */
  tick(): void {
    const now = this.now();
    switch (this.phase) {
      case 'gathering':
        if (this.gathered(now)) this.start(now);
        break;
      case 'starting':
        if (this.moving(now)) this.lead(now);
        break;
      case 'playing':
        this.follow(now);
        break;
      case 'cut':
        if (now - this.since >= cutFor) this.gather(this.held);
        break;
      default:
        break;
    }
  }

  private eachTrack(act: (follower: Follower) => void): void {
    this.followers.forEach(act);
  }

  /** All stand at `held`. */
  private rest(phase: Phase): void {
    this.phase = phase;
    this.since = this.now();
    this.eachTrack((follower) => {
      follower.track.pause();
      follower.track.playbackRate = this.speed;
      follower.bending = false;
      follower.drySince = null;
    });
  }

  private gather(at: number): void {
    this.held = at;
    this.seen = at;
    this.rest('gathering');
    this.eachTrack((follower) => this.place(follower, at));
  }

  private place(follower: Follower, at: number): void {
    if (Math.abs(follower.track.currentTime - at) > 0.001) follower.track.currentTime = at;
    follower.jumpedAt = this.now();
  }

  private gathered(now: number): boolean {
    const waiting = [...this.followers.values()].filter((follower) => !follower.late && !settled(follower.track));
    if (now - this.since <= patience) return waiting.length === 0;
    waiting.forEach((follower) => (follower.late = true));
    return true;
  }

  private start(now: number): void {
    this.phase = 'starting';
    this.since = now;
    this.eachTrack(({ track }) => {
      if (track.ended) return;
      track.play().catch((error: unknown) => {
        if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return;
        this.blocked = true;
        this.rest('paused');
      });
    });
  }

  private live(): Follower[] {
    return [...this.followers.values()].filter(({ track }) => !track.ended && !track.seeking && track.readyState >= haveCurrent);
  }

  private moving(now: number): boolean {
    const live = this.live();
    return now - this.since > startAtMost || live.every(({ track }) => track.currentTime > this.held);
  }

  /** From here on the clock leads: it starts where most of the tracks are. */
  private lead(now: number): void {
    const live = this.live();
    const at = live.length > 0 ? median(live.map(({ track }) => track.currentTime)) : this.held;
    // A cut right behind the start is not passed unseen.
    this.held = Math.max(this.held, at);
    this.anchor = now;
    this.since = now;
    this.phase = 'playing';
  }

  private follow(now: number): void {
    this.yieldToTracks(now);
    const at = this.position;
    const cut = this.cuts.find((each) => each > this.seen && each <= at && each < this.end);
    if (cut !== undefined) {
      this.held = cut;
      this.seen = cut;
      this.rest('cut');
      return;
    }
    this.seen = Math.max(this.seen, at);
    if (at >= this.end) {
      this.held = this.end;
      this.rest('ended');
      return;
    }
    this.eachTrack((follower) => this.correct(follower, at, now));
    if ([...this.followers.values()].some((follower) => this.needsTime(follower, now))) this.gather(at);
  }

  /** On a machine with too much to do all tracks fall behind together: then the clock gives way,
   * since the tracks agree with each other and only the clock is wrong. */
  private yieldToTracks(now: number): void {
    const at = this.position;
    const off = median(this.live().map(({ track }) => track.currentTime - at));
    if (Math.abs(off) <= yieldBeyond || now - this.since < startAtMost) return;
    this.held = at + off;
    this.anchor = now;
  }

  private correct(follower: Follower, at: number, now: number): void {
    const { track } = follower;
    if (track.ended || track.seeking) return;
    if (track.readyState < haveFuture) {
      follower.drySince ??= now;
      return;
    }
    follower.drySince = null;
    follower.late = false;
    const error = track.currentTime - at;
    if (Math.abs(error) > jumpBeyond) {
      if (now - follower.jumpedAt >= jumpEvery) this.place(follower, at);
      return;
    }
    const factor = bendFor(error, follower.bending);
    follower.bending = factor !== 1;
    track.playbackRate = this.speed * factor;
  }

  /** A track ran dry: the others wait for it, but not for ever. */
  private needsTime(follower: Follower, now: number): boolean {
    return !follower.late && follower.drySince !== null && now - follower.drySince > dryAtMost;
  }
}
