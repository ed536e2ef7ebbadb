// The timeline's scale: recording time (µs) to percent of its width, and the ruler's ticks.

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200].map((seconds) => seconds * 1e6);

/** Where an instant lies, from 0 to 100. */
export function percent(r_us: number, end_us: number): number {
  if (end_us <= 0) return 0;
  return (Math.max(0, Math.min(end_us, r_us)) / end_us) * 100;
}

/** The instant under a point `x` px from the left of `width` px. */
export function instant(x: number, width: number, end_us: number): number {
  if (width <= 0) return 0;
  return Math.max(0, Math.min(1, x / width)) * end_us;
}

/** The ticks of a ruler, at least `room` px apart; always the beginning, and the end where it fits. */
export function ticks(end_us: number, width: number, room = 88): number[] {
  if (end_us <= 0 || width <= 0) return [0];
  const least = (room / width) * end_us;
  const step = steps.find((each) => each >= least) ?? Math.ceil(least / 3600e6) * 3600e6;
  const found: number[] = [];
  for (let at = 0; at < end_us - least / 2; at += step) found.push(at);
  // The end is named too: it stands in place of a tick that is too near to it.
  while (found.length > 1 && end_us - (found[found.length - 1] ?? 0) < least) found.pop();
  return [...found, end_us];
}

/** Places labels of given widths (px) at given points (px) in `rows` rows so that none covers
 * another; gives the row of each, or null where there is no room. Earlier ones have precedence. */
export function rowsFor(labels: readonly { at: number; width: number }[], rows: number, gap = 4): (number | null)[] {
  const taken = Array.from({ length: rows }, (): [number, number][] => []);
  return labels.map(({ at, width }) => {
    const left = at - width / 2 - gap;
    const right = at + width / 2 + gap;
    const row = taken.findIndex((boxes) => boxes.every(([from, to]) => right <= from || left >= to));
    if (row < 0) return null;
    taken[row]?.push([left + gap, right - gap]);
    return row;
  });
}
