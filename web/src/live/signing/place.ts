// Where on the recording a signature stands, in words.

import { elapsed } from '../format';

type Translate = (key: string, values?: Record<string, unknown>) => string;

/** HH:MM:SS and tenths of a position, µs of R. */
export function position(r_us: number): string {
  return `${elapsed(r_us)}.${Math.floor(r_us / 1e5) % 10}`;
}

/** `r_us`: null when nothing was recorded at that moment. */
export function place(r_us: number | null, t: Translate): string {
  return r_us === null ? t('signing.not_recorded') : t('signing.recorded_at', { time: position(r_us) });
}
