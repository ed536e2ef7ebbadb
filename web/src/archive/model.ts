// What the replay page works with. Instants are UTC µs (`wall_us`) or recording time R (`r_us`).

/** A stretch of recording time in which something is missing, and why. */
export interface Stretch {
  kind: string;
  from_us: number;
  to_us: number;
}

/** Recording time that ran without a break. */
export interface Interval {
  r_from_us: number;
  r_to_us: number;
  wall_from_us: number;
}

/** A place where the recording stood still: on R it has no length. */
export interface Cut {
  r_us: number;
  wall_from_us: number;
  wall_to_us: number;
  /** host, host_lost, session_paused, server_restarted, stopped */
  reason: string;
}

export interface Person {
  seat: string;
  name: string;
  role: string;
  standing: string | null;
  endpoints: string[];
}

/** The file of one endpoint. `silent`: no sound; `blank`: no picture; `damaged`: a picture that may
 * look wrong. `usable`: it is there and unchanged. */
export interface Tape {
  endpoint: string;
  url: string;
  /** Another one for another content, or when the file turned out to be unusable. */
  version: string;
  picture: boolean;
  sound: boolean;
  silent: Stretch[];
  blank: Stretch[];
  damaged: Stretch[];
  usable: boolean;
}

export type Tone = 'plain' | 'brand' | 'go' | 'warn' | 'rec';

/** Something that happened. `at_us`: its place on R, also where nothing was recorded at that moment
 * (`recorded` false: the cut at which it lies). `kind` is a key of the catalogue. */
export interface Mark {
  id: string;
  kind: string;
  at_us: number;
  recorded: boolean;
  wall_us: number;
  seats: string[];
  tone: Tone;
  reason: string | null;
  document: { title: string; version: number; hash: string | null } | null;
  clause: number | null;
  /** Too small to be gone to from mark to mark. */
  minor: boolean;
}

/** Something that is wrong with the recording; the rest plays. `kind` is a key of the catalogue. */
export interface Flaw {
  kind: string;
  endpoint: string | null;
  at_us: number | null;
}

/** How far the files of a recording are. */
export interface Packaging {
  state: 'none' | 'following' | 'packaging' | 'ready' | 'failed' | 'missing';
  /** From 0 to 1. */
  progress: number;
}

export interface Replay {
  session: string;
  title: string;
  case_number: string;
  state: string;
  /** none, on, paused, stopped */
  recording: string;
  end_us: number;
  /** When the session was opened, UTC µs. */
  opened_us: number | null;
  people: Person[];
  tapes: Tape[];
  marks: Mark[];
  cuts: Cut[];
  intervals: Interval[];
  flaws: Flaw[];
  packaging: Packaging;
}

/** One line of the list. `end_us`: the length of the recording. `gaps`: how often it stood still or
 * was not written. */
export interface Listed {
  session: string;
  title: string;
  case_number: string;
  state: string;
  /** When it was opened, else null; and when it was to be. UTC µs. */
  opened_us: number | null;
  scheduled_us: number;
  recording: 'none' | 'on' | 'paused' | 'stopped';
  end_us: number;
  gaps: number;
  completed: number;
  host: string;
  unit: string;
}
