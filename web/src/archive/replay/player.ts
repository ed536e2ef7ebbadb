// The page's hold on the synchronised tapes: position, speed, everybody's sound, keys.

import { computed, type ComputedRef, type InjectionKey, inject, onBeforeUnmount, reactive, type Ref, ref } from 'vue';

import type { Mark } from '../model';
import type { Command } from './keys';
import { nextMark, previousMark } from './marks';
import { type Phase, Sync } from './sync';
import { changed, loudness, type Voice, voiceOf, type Voices } from './voices';

export const speeds = [0.75, 1, 1.5, 2] as const;

export interface PlayerState {
  phase: Phase;
  at_us: number;
  rate: number;
  blocked: boolean;
}

export interface Player {
  readonly state: Readonly<PlayerState>;
  /** It plays, or will as soon as it can. */
  readonly wanted: ComputedRef<boolean>;
  readonly voices: Ref<Voices>;
  readonly broken: Set<string>;
  readonly sync: Sync;
  attach(endpoint: string, element: HTMLVideoElement): void;
  detach(endpoint: string): void;
  fail(endpoint: string): void;
  toggle(): void;
  seek(at_us: number): void;
  setRate(rate: number): void;
  voice(endpoints: readonly string[], change: Partial<Voice>): void;
  alone(endpoints: readonly string[]): void;
  allSound(): void;
  step(step: 1 | -1): void;
  perform(command: Exclude<Command, { do: 'cite' }>): void;
}

const key: InjectionKey<Player> = Symbol('player');
export { key as playerKey };

export function usePlayer(): Player {
  const player = inject(key);
  if (!player) throw new Error('no player around this component');
  return player;
}

export interface Reel {
  end_us: number;
  cuts_us: number[];
  marks: Mark[];
}

const every = 50;

export function createPlayer(reel: Reel): Player {
  const sync = new Sync(() => performance.now() / 1000, reel.end_us / 1e6, reel.cuts_us.map((cut) => cut / 1e6));
  const elements: Elements = new Map();
  const state = reactive<PlayerState>({ phase: 'paused', at_us: 0, rate: 1, blocked: false });
  const voices = ref<Voices>({});
  const broken = reactive(new Set<string>());

  function show(): void {
    const at_us = Math.round(sync.position * 1e6);
    Object.assign(state, { phase: sync.phase, at_us, rate: sync.rate, blocked: sync.blocked });
  }
  function sound(): void {
    elements.forEach((element, endpoint) => {
      element.volume = loudness(voices.value, endpoint);
    });
  }
  const timer = setInterval(() => {
    sync.tick();
    show();
  }, every);
  onBeforeUnmount(() => clearInterval(timer));

  return {
    state,
    wanted: computed(() => state.phase !== 'paused' && state.phase !== 'ended'),
    voices,
    broken,
    sync,
    ...elementControls(sync, elements, broken, sound),
    ...soundControls(voices, sound),
    ...moveControls(sync, reel, show),
  };
}

type Elements = Map<string, HTMLVideoElement>;

function elementControls(
  sync: Sync,
  elements: Elements,
  broken: Set<string>,
  sound: () => void,
): Pick<Player, 'attach' | 'detach' | 'fail'> {
  function detach(endpoint: string): void {
    elements.delete(endpoint);
    sync.remove(endpoint);
  }
  return {
    attach(endpoint, element) {
      elements.set(endpoint, element);
      sync.add(endpoint, element);
      sound();
    },
    detach,
    fail(endpoint) {
      detach(endpoint);
      broken.add(endpoint);
    },
  };
}

function soundControls(voices: Ref<Voices>, sound: () => void): Pick<Player, 'voice' | 'alone' | 'allSound'> {
  function set(next: Voices): void {
    voices.value = next;
    sound();
  }
  function voice(endpoints: readonly string[], change: Partial<Voice>): void {
    set(endpoints.reduce((all, endpoint) => changed(all, endpoint, change), voices.value));
  }
  return {
    voice,
    alone(endpoints) {
      const on = endpoints.some((endpoint) => !voiceOf(voices.value, endpoint).solo);
      voice(endpoints, { solo: on });
    },
    allSound: () => set({}),
  };
}

type Moves = Pick<Player, 'toggle' | 'seek' | 'setRate' | 'step' | 'perform'>;

function moveControls(sync: Sync, reel: Reel, show: () => void): Moves {
  const here = (): number => sync.position * 1e6;
  function toggle(): void {
    if (sync.wanted) sync.pause();
    else sync.play();
    show();
  }
  function seek(at_us: number): void {
    sync.seek(at_us / 1e6);
    show();
  }
  function setRate(rate: number): void {
    sync.setRate(rate);
    show();
  }
  function step(by: 1 | -1): void {
    const mark = by > 0 ? nextMark(reel.marks, here()) : previousMark(reel.marks, here());
    seek(mark?.at_us ?? (by > 0 ? reel.end_us : 0));
  }
  function faster(by: 1 | -1): void {
    const at = speeds.findIndex((speed) => speed === sync.rate);
    setRate(speeds[Math.max(0, Math.min(speeds.length - 1, at + by))] ?? 1);
  }
  function perform(command: Exclude<Command, { do: 'cite' }>): void {
    switch (command.do) {
      case 'toggle':
        return toggle();
      case 'by':
        return seek(here() + command.us);
      case 'mark':
        return step(command.step);
      case 'edge':
        return seek(command.end ? reel.end_us : 0);
      case 'faster':
        return faster(command.step);
    }
  }
  return { toggle, seek, setRate, step, perform };
}
