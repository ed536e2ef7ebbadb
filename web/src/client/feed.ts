// The order of one seat's feed: numbers rise by one, and nothing is taken twice. Pure.

import type { FeedItem } from './wire';

export type Verdict = 'next' | 'seen' | 'gap';

/** What to do with item number `n` when `last` is the last one taken. */
export function judge(last: number, n: number): Verdict {
  if (n <= last) return 'seen';
  return n === last + 1 ? 'next' : 'gap';
}

/** The items of `missed` that come after `last`, in order; null when one is missing. */
export function unseen(last: number, missed: readonly FeedItem[]): FeedItem[] | null {
  const fresh = missed.filter((item) => item.n > last).sort((a, b) => a.n - b.n);
  return fresh.every((item, index) => item.n === last + 1 + index) ? fresh : null;
}
