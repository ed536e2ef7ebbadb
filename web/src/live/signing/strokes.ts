// Handwriting as it is written: strokes of one pointer, in the frame of the pad on which the first
// stroke began, so that turning the screen bends nothing. Knows no page.

import type { InkPoint, Strokes } from '../../client/wire';

export interface Sample {
  /** ms of any clock. */
  time: number;
  /** CSS px of the pad. */
  x: number;
  y: number;
  /** 0 to 1; 0 where the device knows none. */
  pressure: number;
}

export interface Frame {
  width: number;
  height: number;
}

/** From the frame to the pad: pad = shift + scale × frame. */
export interface Fit {
  scale: number;
  dx: number;
  dy: number;
}

const leastPoints = 3;
const leastStrokes = 3;
const leastLength = 150;
const mostBytes = 190_000;
const nearest = 0.4;
const middle = 0.5;

function round(value: number, digits: number): number {
  const unit = 10 ** digits;
  return Math.round(value * unit) / unit;
}

export function lengthOf(stroke: readonly InkPoint[]): number {
  return stroke.reduce((sum, point, index) => {
    const before = stroke[index - 1];
    return before ? sum + Math.hypot(point[1] - before[1], point[2] - before[2]) : 0;
  }, 0);
}

export class Ink {
  strokes: readonly (readonly InkPoint[])[] = [];
  /** The stroke that is being written. */
  current: InkPoint[] | null = null;
  frame: Frame | null = null;
  private pointer: number | null = null;
  private pointerType: Strokes['pointer_type'] = 'mouse';
  private began = 0;

  get empty(): boolean {
    return this.strokes.length === 0 && this.current === null;
  }

  /** Enough for a name: a tap or a slip of the hand is none. */
  get enough(): boolean {
    if (!this.strokes.some((stroke) => stroke.length >= leastPoints)) return false;
    return this.strokes.length >= leastStrokes || this.strokes.reduce((sum, stroke) => sum + lengthOf(stroke), 0) >= leastLength;
  }

  /** More than the server takes. */
  get tooMuch(): boolean {
    return JSON.stringify(this.strokes).length > mostBytes;
  }

  /** How the frame lies on a pad of this size: as large as fits, in the middle. */
  fit(pad: Frame): Fit {
    const frame = this.frame ?? pad;
    const scale = Math.min(pad.width / frame.width, pad.height / frame.height);
    return { scale, dx: (pad.width - frame.width * scale) / 2, dy: (pad.height - frame.height * scale) / 2 };
  }

  /** The first pointer writes; a second finger or the ball of the hand does not. */
  begin(pointer: number, type: string, sample: Sample, pad: Frame): boolean {
    if (this.pointer !== null || pad.width <= 0 || pad.height <= 0) return false;
    if (this.empty) this.frame = { ...pad };
    this.pointer = pointer;
    this.pointerType = type === 'pen' || type === 'touch' ? type : 'mouse';
    this.began = sample.time;
    this.current = [this.point(sample, pad)];
    return true;
  }

  move(pointer: number, samples: readonly Sample[], pad: Frame): boolean {
    const { current } = this;
    if (pointer !== this.pointer || !current) return false;
    samples.forEach((sample) => {
      const point = this.point(sample, pad);
      const last = current[current.length - 1];
      if (!last || Math.hypot(point[1] - last[1], point[2] - last[2]) >= nearest) current.push(point);
    });
    return true;
  }

  end(pointer: number): boolean {
    if (pointer !== this.pointer || !this.current) return false;
    this.strokes = [...this.strokes, this.current];
    this.current = null;
    this.pointer = null;
    return true;
  }

  /** A stroke that was interrupted (of this pointer, else of any) is not kept; whether there was one. */
  drop(pointer?: number): boolean {
    if (pointer !== undefined && pointer !== this.pointer) return false;
    const interrupted = this.current !== null;
    this.current = null;
    this.pointer = null;
    if (this.empty) this.frame = null;
    return interrupted;
  }

  clear(): void {
    this.drop();
    this.strokes = [];
    this.frame = null;
  }

  /** As it is sent; a larger frame where something was written beside the first one. */
  packed(dpr: number): Strokes {
    const points = this.strokes.reduce<InkPoint[]>((all, stroke) => all.concat(stroke), []);
    const xs = points.map(([, x]) => x);
    const ys = points.map(([, , y]) => y);
    const { width, height } = this.frame ?? { width: 1, height: 1 };
    const left = xs.reduce((least, x) => Math.min(least, x), 0);
    const top = ys.reduce((least, y) => Math.min(least, y), 0);
    const right = xs.reduce((most, x) => Math.max(most, x), width);
    const bottom = ys.reduce((most, y) => Math.max(most, y), height);
    return {
      width: round(right - left, 2),
      height: round(bottom - top, 2),
      dpr: round(dpr, 3),
      pointer_type: this.pointerType,
      strokes: this.strokes.map((stroke) => stroke.map(([t, x, y, p]) => [t, round(x - left, 2), round(y - top, 2), p])),
    };
  }

  private point({ time, x, y, pressure }: Sample, pad: Frame): InkPoint {
    const { scale, dx, dy } = this.fit(pad);
    const pressed = pressure > 0 ? Math.min(pressure, 1) : middle;
    return [round(Math.max(0, time - this.began), 1), round((x - dx) / scale, 2), round((y - dy) / scale, 2), round(pressed, 3)];
  }
}
