// The way from the device check into the room.

import { ref, watch } from 'vue';

import { useLive } from './live';

/** What the button does: pressed while the devices are still opening, it holds once they are. */
export function useEntering(): () => void {
  const live = useLive();
  const asked = ref(false);

  function enter(): void {
    if (live.capture.busy) asked.value = true;
    else live.enter(false);
  }

  // After the page was drawn anew: a device's problem takes the screen away, and the wish with it.
  watch(
    () => live.capture.busy,
    () => asked.value && enter(),
    { flush: 'post' },
  );
  return enter;
}
