// The person's own devices: what was chosen, what the browser gave, what is switched on.

import { reactive } from 'vue';

import {
  captureBoth,
  type Captured,
  type CaptureFault,
  captureOne,
  type Chosen,
  type DeviceLists,
  listDevices,
  watchDevices,
} from '../client/devices';
import type { Muted, Source } from '../client/wire';

const key = 'conference.devices';
export const sourcesInOrder: readonly Source[] = ['camera', 'microphone'];

interface Remembered {
  chosen: Chosen;
  loudspeaker: string | null;
  muted: Muted;
}

function remembered(): Remembered {
  const nothing: Remembered = {
    chosen: { microphone: null, camera: null },
    loudspeaker: null,
    muted: { microphone: false, camera: false },
  };
  try {
    return { ...nothing, ...(JSON.parse(sessionStorage.getItem(key) ?? '{}') as Partial<Remembered>) };
  } catch {
    return nothing;
  }
}

export class Capture {
  chosen: Chosen;
  loudspeaker: string | null;
  muted: Muted;
  busy = false;
  asked = false;
  tracks: Record<Source, MediaStreamTrack | null> = { microphone: null, camera: null };
  faults: Record<Source, CaptureFault | null> = { microphone: null, camera: null };
  /** Sources the person goes without, after being told why. */
  waived: Record<Source, boolean> = { microphone: false, camera: false };
  lists: DeviceLists = { microphone: [], camera: [], loudspeaker: [] };

  constructor() {
    const { chosen, loudspeaker, muted } = remembered();
    this.chosen = chosen;
    this.loudspeaker = loudspeaker;
    this.muted = muted;
  }

  async open(): Promise<void> {
    this.busy = true;
    try {
      this.take(await captureBoth(this.chosen));
      this.lists = await listDevices();
    } finally {
      this.busy = false;
      this.asked = true;
    }
  }

  async retry(source: Source): Promise<void> {
    this.waived[source] = false;
    const other: Source = source === 'camera' ? 'microphone' : 'camera';
    // One prompt for both where both are missing.
    if (this.faults[other] !== null && !this.waived[other]) return this.open();
    await this.choose(source, this.chosen[source]);
  }

  async choose(source: Source, device: string | null): Promise<void> {
    this.chosen[source] = device;
    this.tracks[source]?.stop();
    this.tracks[source] = null;
    const { track, fault } = await captureOne(source, device);
    this.tracks[source] = track;
    this.faults[source] = fault;
    this.lists = await listDevices();
    this.remember();
  }

  waive(source: Source): void {
    this.waived[source] = true;
  }

  switch(source: Source, muted: boolean): void {
    this.muted = { ...this.muted, [source]: muted };
    this.remember();
  }

  chooseLoudspeaker(device: string): void {
    this.loudspeaker = device;
    this.remember();
  }

  remember(): void {
    const { chosen, loudspeaker, muted } = this;
    sessionStorage.setItem(key, JSON.stringify({ chosen, loudspeaker, muted }));
  }

  /** The tracks now belong to the room; the next time they are asked for anew. */
  handOver(): Record<Source, MediaStreamTrack | null> {
    const { tracks } = this;
    this.tracks = { microphone: null, camera: null };
    this.asked = false;
    return tracks;
  }

  private take(captured: Captured): void {
    sourcesInOrder.forEach((source) => {
      this.tracks[source]?.stop();
      this.tracks[source] = captured[source].track;
      this.faults[source] = captured[source].fault;
    });
  }
}

export function createCapture(): Capture {
  const capture = reactive(new Capture()) as Capture;
  watchDevices(() => void listDevices().then((lists) => (capture.lists = lists)));
  return capture;
}
