// Each person's sound: off and on, alone, louder and softer.

export interface Voice {
  muted: boolean;
  solo: boolean;
  /** From 0 to 1. */
  volume: number;
}

export type Voices = Readonly<Record<string, Voice>>;

export const plain: Voice = { muted: false, solo: false, volume: 1 };

export function voiceOf(voices: Voices, endpoint: string): Voice {
  return voices[endpoint] ?? plain;
}

export function changed(voices: Voices, endpoint: string, change: Partial<Voice>): Voices {
  return { ...voices, [endpoint]: { ...voiceOf(voices, endpoint), ...change } };
}

/** How loud an endpoint is, from 0 to 1: one that sounds alone silences those that do not. */
export function loudness(voices: Voices, endpoint: string): number {
  const voice = voiceOf(voices, endpoint);
  if (voice.muted) return 0;
  const alone = Object.values(voices).some((each) => each.solo);
  return alone && !voice.solo ? 0 : voice.volume;
}

/** Nobody is changed in any way. */
export function allPlain(voices: Voices): boolean {
  return Object.values(voices).every((each) => !each.muted && !each.solo && each.volume === 1);
}
