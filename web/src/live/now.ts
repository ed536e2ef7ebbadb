// The time of day for everything that ticks on the screen, twice a second.

import { type Ref, ref } from 'vue';

const now = ref(Date.now());
setInterval(() => (now.value = Date.now()), 500);

/** The page's own clock, ms since the epoch. */
export function useNow(): Readonly<Ref<number>> {
  return now;
}
