/** MM:SS of what is left, µs; never below zero. */
export function countdown(us: number): string {
  const seconds = Math.max(0, Math.floor(us / 1e6));
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}
