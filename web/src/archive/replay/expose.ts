// What a person with the browser's console, or a test, may look at; nothing can be changed by it.

import type { Replay } from '../model';
import type { Player } from './player';

export interface ExposedReplay {
  readonly phase: string;
  /** Seconds of recording time. */
  readonly position: number;
  readonly rate: number;
  /** How far each tape is from the clock, s. */
  readonly errors: Record<string, number>;
  readonly replay: Replay;
}

declare global {
  interface Window {
    __replay: ExposedReplay;
  }
}

export function exposeReplay(player: Player, replay: () => Replay): void {
  const getters: { [K in keyof ExposedReplay]: () => ExposedReplay[K] } = {
    phase: () => player.sync.phase,
    position: () => player.sync.position,
    rate: () => player.sync.rate,
    errors: () => player.sync.errors,
    replay,
  };
  const exposed = {} as ExposedReplay;
  Object.entries(getters).forEach(([name, get]) => Object.defineProperty(exposed, name, { get, enumerable: true }));
  // The page is loaded anew for another session, but its screen is made anew when the files are ready.
  Object.defineProperty(window, '__replay', { value: Object.freeze(exposed), configurable: true });
}
