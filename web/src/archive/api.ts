// The archive's routes. Every failure is one of few kinds, so that each has its sentence.

export type Fault = 'login' | 'forbidden' | 'unknown' | 'unreachable' | 'refused';

export class ApiError extends Error {
  /** `message`: the server's own words, empty where there are none. */
  constructor(
    readonly fault: Fault,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const faults: Record<number, Fault> = { 401: 'login', 403: 'forbidden', 404: 'unknown' };
const longest = 15_000;

async function refused(response: Response): Promise<ApiError> {
  const fault = faults[response.status] ?? (response.status >= 502 ? 'unreachable' : 'refused');
  const body: unknown = await response.json().catch(() => null);
  const error = (body as { error?: { code?: string; message?: string } } | null)?.error;
  return new ApiError(fault, error?.code ?? '', error?.message ?? '');
}

/** JSON from the server, or ApiError. */
export async function ask<T>(url: string, language: string, method: 'GET' | 'POST' = 'GET'): Promise<T> {
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(), longest);
  let response: Response;
  try {
    response = await fetch(url, { method, signal: ended.signal, headers: { Accept: 'application/json', 'Accept-Language': language } });
  } catch {
    throw new ApiError('unreachable', '', '');
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok) throw await refused(response);
  return (await response.json()) as T;
}

export interface Place {
  /** Ends with a slash: /u/{login}/ */
  base: string;
  session: string | null;
}

/** Which person's archive, and which session of it, an address names. */
export function placeOf(path: string): Place {
  const found = /^(\/u\/[^/]+\/)archive(?:\/([^/]+))?\/?$/.exec(path);
  return { base: found?.[1] ?? '/', session: found?.[2] ? decodeURIComponent(found[2]) : null };
}

/** The instant that an address asks for (#t=seconds), µs; 0 where it asks for none. */
export function startOf(hash: string): number {
  const found = /^#t=(\d+(?:\.\d+)?)$/.exec(hash);
  return found ? Math.round(Number(found[1]) * 1e6) : 0;
}

export function replayAddress(base: string, session: string, at_us?: number): string {
  const address = `${base}archive/${encodeURIComponent(session)}`;
  return at_us === undefined ? address : `${address}#t=${(at_us / 1e6).toFixed(1)}`;
}
