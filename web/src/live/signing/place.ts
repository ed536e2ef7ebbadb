// Where on the recording a signature stands, in words.

import { elapsed } from '../format';

/** `r_us`: null when nothing was recorded at that moment. */
export function place(r_us: number | null, t: (key: string, values?: Record<string, unknown>) => string): string {
  if (r_us === null) return t('signing.not_recorded');
  return t('signing.recorded_at', { time: `${elapsed(r_us)}.${Math.floor(r_us / 1e5) % 10}` });
}
