// What a person with the browser's console, or a test, may look at; nothing can be changed by it.

import type { Conference } from '../client/conference';
import type { RoomState } from '../client/state';
import type { Stream } from '../client/wire';
import type { Live } from './live';

export interface Exposed {
  readonly phase: string;
  readonly epoch: string | null;
  readonly feed: number;
  readonly room: RoomState | null;
  readonly streams: readonly Stream[];
  readonly publisher: RTCPeerConnection | null;
  readonly subscriber: RTCPeerConnection | null;
  readonly muted: Conference['muted'];
  readonly recording: Conference['recording'];
}

declare global {
  interface Window {
    __conference: Exposed;
  }
}

export function exposeState(live: Live): void {
  const now = (): Conference => live.conference.value;
  const getters: { [K in keyof Exposed]: () => Exposed[K] } = {
    phase: () => now().phase.name,
    epoch: () => now().epoch,
    feed: () => now().feed,
    room: () => now().room,
    streams: () => now().subscriber?.streams ?? [],
    publisher: () => now().publisher?.pc ?? null,
    subscriber: () => now().subscriber?.pc ?? null,
    muted: () => now().muted,
    recording: () => now().recording,
  };
  const exposed = {} as Exposed;
  Object.entries(getters).forEach(([name, get]) => Object.defineProperty(exposed, name, { get, enumerable: true }));
  Object.defineProperty(window, '__conference', { value: Object.freeze(exposed) });
}
