// What the room's pictures, lists and chips say, drawn from its state. Pure.

import type { Phase } from '../client/protocol';
import type { RoomState } from '../client/state';
import type { EndpointId, RecordingStatus, SeatId, WireEndpoint, WireSeat } from '../client/wire';

export interface Tile {
  endpoint: EndpointId;
  seats: WireSeat[];
  own: boolean;
  host: boolean;
  line: 'online' | 'lost';
  lostSince: number;
  microphoneOff: boolean;
  cameraOff: boolean;
  track: string | null;
}

function tileOf(room: RoomState, endpoint: WireEndpoint): Tile {
  const seats = endpoint.seats
    .map((id) => room.seats.find(({ seat }) => seat === id))
    .filter((seat): seat is WireSeat => seat !== undefined);
  const camera = endpoint.tracks.find(({ source }) => source === 'camera');
  return {
    endpoint: endpoint.endpoint,
    seats,
    own: endpoint.endpoint === room.you.endpoint,
    host: endpoint.seats.includes(room.session.host_seat),
    line: endpoint.line,
    lostSince: endpoint.since_us,
    microphoneOff: endpoint.muted.microphone,
    cameraOff: endpoint.muted.camera || !camera,
    track: camera && !endpoint.muted.camera ? camera.track : null,
  };
}

/** One picture for each endpoint, in the order of the case's seats. */
export function tiles(room: RoomState): Tile[] {
  const place = (tile: Tile): number =>
    room.seats.findIndex(({ seat }) => seat === tile.seats[0]?.seat);
  return room.endpoints
    .map((endpoint) => tileOf(room, endpoint))
    .filter(({ seats }) => seats.length > 0)
    .sort((a, b) => place(a) - place(b));
}

export function isHost(room: RoomState): boolean {
  return room.you.seats.includes(room.session.host_seat);
}

export interface PersonRow {
  seat: WireSeat;
  own: boolean;
  host: boolean;
  tile: Tile | null;
  /** Sits before the camera of this person. */
  besideName: string | null;
}

/** Seats, not endpoints: two persons before one camera are two rows. */
export function people(room: RoomState): { here: PersonRow[]; absent: PersonRow[] } {
  const all = tiles(room);
  const rows = room.seats.map((seat): PersonRow => {
    const tile = all.find(({ seats }) => seats.some((each) => each.seat === seat.seat)) ?? null;
    const first = tile?.seats[0];
    return {
      seat,
      own: room.you.seats.includes(seat.seat),
      host: seat.seat === room.session.host_seat,
      tile,
      besideName: first && first.seat !== seat.seat ? first.name : null,
    };
  });
  return { here: rows.filter(({ tile }) => tile), absent: rows.filter(({ tile }) => !tile) };
}

export type RecordingSign =
  | { name: 'off' }
  | { name: 'unknown' }
  | { name: 'starting' }
  | { name: 'on'; r_us: number }
  | { name: 'unsure'; r_us: number | null }
  | { name: 'paused'; r_us: number }
  | { name: 'fault'; since_us: number };

const fresh = 2500;

/** The sign follows the writer, not the wish: red only while bytes reach the disk. */
export function recordingSign(
  room: Pick<RoomState, 'recording'>,
  phase: Phase['name'],
  heard: { status: RecordingStatus; at: number } | null,
  now: number,
): RecordingSign {
  const { state, r_us, fault } = room.recording;
  if (phase !== 'live') return { name: 'unknown' };
  if (state === 'off') return { name: 'off' };
  if (fault) return { name: 'fault', since_us: fault.since_us };
  if (state === 'paused') return { name: 'paused', r_us: r_us ?? 0 };
  return writing(heard, now, r_us);
}

function writing(
  heard: { status: RecordingStatus; at: number } | null,
  now: number,
  r_us: number | null,
): RecordingSign {
  if (heard?.status.state !== 'on') return { name: 'starting' };
  const { writing: writes, written_r_us: written } = heard.status;
  const age = now - heard.at;
  if (age > fresh || !writes || written === null) return { name: 'unsure', r_us: written ?? r_us };
  // Between two words of the writer the clock may run on, never further than the next one.
  return { name: 'on', r_us: written + Math.min(Math.max(age, 0), 1000) * 1000 };
}

export interface GridShape {
  columns: number;
  rows: number;
  perPage: number;
}

/** Below this height (CSS px) more than four pictures would be too small to read. */
const lowStage = 480;

/** Columns and rows for `count` pictures of 16:9 on a stage of this size (CSS px). */
export function gridShape(count: number, width: number, height: number): GridShape {
  const low = height < lowStage;
  const shape = (columns: number, rows: number): GridShape => ({ columns, rows, perPage: low ? 4 : 9 });
  const larger = (a: GridShape, b: GridShape): GridShape =>
    tileSize(b, width, height, 0).width > tileSize(a, width, height, 0).width ? b : a;
  if (count <= 1) return shape(1, 1);
  if (count === 2) return larger(shape(2, 1), shape(1, 2));
  if (count <= 4 || low) return shape(2, 2);
  return count <= 6 ? larger(shape(3, 2), shape(2, 3)) : shape(3, 3);
}

/** The largest 16:9 picture of a grid that fits, in px. */
export function tileSize(shape: GridShape, width: number, height: number, gap: number): { width: number; height: number } {
  const widest = (width - gap * (shape.columns - 1)) / shape.columns;
  const highest = (height - gap * (shape.rows - 1)) / shape.rows;
  const fit = Math.max(0, Math.floor(Math.min(widest, (highest * 16) / 9)));
  return { width: fit, height: Math.floor((fit * 9) / 16) };
}

/** Whom the large picture shows: the chosen one, else who speaks, else who did, else the host. */
export function focusOf(
  shown: readonly Tile[],
  focus: SeatId | null,
  speaking: ReadonlySet<EndpointId>,
  last: EndpointId | null,
): Tile | null {
  const others = shown.filter(({ own }) => !own);
  const find = (test: (tile: Tile) => boolean): Tile | undefined => others.find(test);
  return (
    (focus === null ? undefined : find(({ seats }) => seats.some(({ seat }) => seat === focus))) ??
    find(({ endpoint }) => endpoint === last && speaking.has(endpoint)) ??
    find(({ endpoint }) => speaking.has(endpoint)) ??
    find(({ endpoint }) => endpoint === last) ??
    find(({ host }) => host) ??
    others[0] ??
    null
  );
}

export type RecordControl = 'start' | 'pause' | 'resume';

/** What the key R does now, and what forbids it. */
export function recordControl(room: RoomState): { action: RecordControl; forbidden: 'session_paused' | 'not_open' | null } {
  const action: RecordControl = ({ off: 'start', on: 'pause', paused: 'resume', failed: 'resume' } as const)[room.recording.state];
  if (room.session.state === 'scheduled') return { action, forbidden: 'not_open' };
  if (room.session.state === 'paused' && action !== 'pause') return { action, forbidden: 'session_paused' };
  return { action, forbidden: null };
}
