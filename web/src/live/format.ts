// Times as people read them. Instants are UTC µs, durations µs; the place is always Beijing.

const beijing = 8 * 3600;

function clockOf(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/** HH:MM:SS in Beijing (UTC+8 all year since 1991). */
export function clock(us: number): string {
  const seconds = Math.floor(us / 1e6) + beijing;
  return clockOf(((seconds % 86400) + 86400) % 86400);
}

/** HH:MM in Beijing. */
export function hourMinute(us: number): string {
  return clock(us).slice(0, 5);
}

/** HH:MM:SS of a duration; hours run on beyond 24. */
export function elapsed(us: number): string {
  return clockOf(Math.max(0, Math.floor(us / 1e6)));
}

/** The day in Beijing: days since the epoch. */
export function day(us: number): number {
  return Math.floor((us / 1e6 + beijing) / 86400);
}

/** Year-month-day in Beijing, as numbers. */
export function date(us: number): { year: number; month: number; day: number } {
  const at = new Date(us / 1000 + beijing * 1000);
  return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate() };
}

/** What a person is called by in a circle: the first letter of the name. */
export function initial(name: string): string {
  return Array.from(name.trim())[0] ?? '';
}

/** Whole gigabytes, as disks are sold. */
export function gigabytes(bytes: number): string {
  const value = bytes / 1e9;
  return value >= 10 ? String(Math.floor(value)) : value.toFixed(1);
}
