// What a screen reader says by itself: politely, or at once.

import { reactive } from 'vue';

export const announcer = reactive({ polite: '', assertive: '' });

const pause = 2000;
let waiting: string | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

/** At most one sentence in two seconds; the newest wins. */
export function say(sentence: string): void {
  waiting = sentence;
  if (timer === undefined) flush();
}

function flush(): void {
  timer = undefined;
  if (waiting === null) return;
  announcer.polite = waiting;
  waiting = null;
  timer = setTimeout(flush, pause);
}

export function sayNow(sentence: string): void {
  announcer.assertive = sentence;
}
