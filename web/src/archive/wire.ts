// The archive's JSON as the server sends it. Instants are UTC µs or recording time R, µs.

export interface WireStretch {
  kind: string;
  from_r_us: number;
  to_r_us: number;
}

export interface WireCue {
  seq: number;
  kind: string;
  /** Its place on R, also where nothing was recorded. */
  at_us: number;
  r_us: number | null;
  wall_us: number;
  seats: string[];
  endpoint: string | null;
  source: string | null;
  reason: string | null;
  document: { document: string; version: number; title: string; hash: string | null } | null;
  clause: number | null;
  to_us: number | null;
}

export interface WireInterval {
  r_from_us: number;
  r_to_us: number;
  wall_from_us: number;
  wall_to_us: number;
  ended_by: string | null;
}

export interface WirePerson {
  seat: string;
  name: string;
  role: string;
  standing: string | null;
  unit: string;
  endpoints: string[];
}

export type PackageStage = 'none' | 'following' | 'packaging' | 'ready' | 'failed' | 'missing';

export interface WirePackaging {
  state: PackageStage;
  /** From 0 to 1. */
  progress: number;
}

/** One session of the list. */
export interface WireLine {
  session: string;
  title: string;
  case_number: string;
  track: string;
  state: string;
  scheduled_at_us: number;
  opened_at_us: number | null;
  host_name: string;
  host_unit: string;
  recording: 'none' | 'on' | 'paused' | 'stopped';
  recorded_us: number;
  /** Places where something is missing. */
  gaps: number;
  /** Documents that all have signed. */
  completed: number;
  packaging: WirePackaging;
}

export interface WireList {
  recordings: WireLine[];
  hits: number;
  /** From 1. */
  page: number;
  pages: number;
}

export interface WireFile {
  endpoint: string;
  /** Below /u/{login}/. */
  url: string;
  bytes: number;
  sha256: string;
  video: boolean;
  audio: boolean;
  filled: WireStretch[];
  holes: WireStretch[];
  damaged: WireStretch[];
  /** Whether it is what was made; null while that is being looked at. */
  usable: boolean | null;
}

export interface WireFlaw {
  kind: string;
  endpoint: string | null;
  at_us: number | null;
}

export interface WireReplay {
  session: string;
  title: string;
  case_number: string;
  track: string;
  state: string;
  recording: string;
  r_end_us: number;
  opened_us: number | null;
  closed_us: number | null;
  people: WirePerson[];
  intervals: WireInterval[];
  cues: WireCue[];
  files: WireFile[];
  flaws: WireFlaw[];
  packaging: WirePackaging;
}

/** Who looks (api/me). */
export interface WireMe {
  person: { name: string; role: string; standing: string | null };
}
