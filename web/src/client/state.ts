// The room as one page knows it: a snapshot, then each item of the feed. Pure.

import { applyDocument, type DocumentsPart, documentsFrom } from './documents';
import type {
  DocumentEventData,
  EndpointId,
  EventData,
  FeedItem,
  RecordingFault,
  SeatId,
  Snapshot,
  WireEndpoint,
  WireSeat,
} from './wire';

export interface Gap {
  from_r_us: number;
  to_r_us: number;
  reason: string;
}

export interface Fault {
  reason: RecordingFault;
  since_us: number;
}

export interface RoomState extends DocumentsPart {
  readonly session: Snapshot['session'];
  readonly recording: {
    readonly state: Snapshot['recording']['state'];
    /** Where the recording stood at the last event about it, µs of R. */
    readonly r_us: number | null;
    readonly fault: Fault | null;
    readonly gaps: readonly Gap[];
  };
  readonly seats: readonly WireSeat[];
  readonly endpoints: readonly WireEndpoint[];
  readonly you: Snapshot['you'];
  /** The server started again during this page's life. */
  readonly restarted: { readonly wall_us: number; readonly recorded_r_us: number | null } | null;
}

/** `before` is what this page knew until now: what no snapshot tells is kept from it. */
export function fromSnapshot(snapshot: Snapshot, before: RoomState | null): RoomState {
  const { session, recording } = snapshot;
  const known = before?.session.id === session.id ? before : null;
  return {
    session,
    recording: {
      state: recording.state,
      r_us: recording.r_us,
      fault: faultOf(recording),
      gaps: known ? known.recording.gaps : [],
    },
    seats: snapshot.seats,
    endpoints: snapshot.endpoints,
    you: snapshot.you,
    restarted: known ? known.restarted : null,
    ...documentsFrom(snapshot.documents ?? [], known),
  };
}

function faultOf({ reason, since_us }: Snapshot['recording']): Fault | null {
  return reason === null || since_us === null ? null : { reason, since_us };
}

/** The state after one item of the feed; an unknown kind changes nothing. */
export function apply(state: RoomState, item: FeedItem): RoomState {
  const step = steps[item.kind as keyof Steps] as ((state: RoomState, item: FeedItem) => RoomState) | undefined;
  return step ? step(state, item) : applyDocument(state, item);
}

type Steps = {
  [K in Exclude<FeedItem['kind'], keyof DocumentEventData>]: (state: RoomState, item: Extract<FeedItem, { kind: K }>) => RoomState;
};

const steps: Steps = {
  'room:session:created': (state) => state,
  'server:epoch:started': (state, { data, wall_us }) => epochStarted(state, data, wall_us),
  'room:session:opened': (state, { wall_us }) => session(state, { state: 'open', pause_reason: null, opened_us: wall_us }),
  'room:session:paused': (state, { data }) => session(state, { state: 'paused', pause_reason: data.reason }),
  'room:session:resumed': (state) => ({
    ...session(state, { state: 'open', pause_reason: null }),
    restarted: null,
  }),
  'room:session:closed': (state) => session(state, { state: 'closed', pause_reason: null }),
  'room:endpoint:joined': (state, { data, wall_us }) => joined(state, data, wall_us),
  'room:endpoint:replaced': (state, { data }) => gone(state, data.endpoint),
  'room:endpoint:left': (state, { data }) => gone(state, data.endpoint),
  'room:endpoint:lost': (state, { data, wall_us }) => endpoint(state, data.endpoint, () => ({ line: 'lost', since_us: wall_us })),
  'room:endpoint:restored': (state, { data, wall_us }) =>
    endpoint(state, data.endpoint, () => ({ line: 'online', since_us: wall_us })),
  'media:track:published': (state, { data: { endpoint: id, track, source, kind } }) =>
    endpoint(state, id, (old) => ({ tracks: [...old.tracks.filter((each) => each.source !== source), { track, source, kind }] })),
  'media:track:ended': (state, { data }) =>
    endpoint(state, data.endpoint, (old) => ({ tracks: old.tracks.filter((each) => each.track !== data.track) })),
  'room:mute:set': (state, { data }) =>
    endpoint(state, data.endpoint, (old) => ({ muted: { ...old.muted, [data.source]: data.muted } })),
  'room:layout:set': (state, { data }) =>
    state.you.seats.includes(data.seat)
      ? { ...state, you: { ...state.you, layout: data.layout, focus: data.focus } }
      : state,
  'recording:session:started': (state, { r_us }) => recording(state, { state: 'on', r_us, fault: null, gaps: [] }),
  'recording:session:paused': (state, { r_us }) => recording(state, { state: 'paused', r_us, fault: null }),
  'recording:session:resumed': (state, { r_us }) => ({
    ...recording(state, { state: 'on', r_us, fault: null }),
    restarted: null,
  }),
  'recording:session:stopped': (state, { r_us }) => recording(state, { state: 'off', r_us, fault: null }),
  'recording:writer:failed': (state, { data, r_us }) =>
    recording(state, { state: 'failed', r_us, fault: { reason: data.reason, since_us: data.since_us } }),
  'recording:writer:restored': (state, { r_us }) => recording(state, { state: 'on', r_us, fault: null }),
  'recording:gap:noted': (state, { data: { from_r_us, to_r_us, reason } }) =>
    recording(state, { gaps: withGap(state.recording.gaps, { from_r_us, to_r_us, reason }) }),
};

function session(state: RoomState, change: Partial<RoomState['session']>): RoomState {
  return { ...state, session: { ...state.session, ...change } };
}

function recording(state: RoomState, change: Partial<RoomState['recording']>): RoomState {
  const kept = change.r_us === null ? { ...change, r_us: state.recording.r_us } : change;
  return { ...state, recording: { ...state.recording, ...kept } };
}

function endpoint(
  state: RoomState,
  id: EndpointId,
  change: (old: WireEndpoint) => Partial<WireEndpoint>,
): RoomState {
  return {
    ...state,
    endpoints: state.endpoints.map((old) => (old.endpoint === id ? { ...old, ...change(old) } : old)),
  };
}

function epochStarted(
  state: RoomState,
  data: EventData['server:epoch:started'],
  wall_us: number,
): RoomState {
  if (data.previous_epoch === null) return state;
  const recorded_r_us = data.recording_ended_r_us;
  return {
    ...state,
    restarted: { wall_us, recorded_r_us },
    // No connection of the old life carries media any more; each endpoint publishes anew.
    endpoints: state.endpoints.map((old) => ({ ...old, tracks: [] })),
  };
}

function joined(
  state: RoomState,
  data: EventData['room:endpoint:joined'],
  wall_us: number,
): RoomState {
  const seats = new Set<SeatId>(data.seats);
  const others = state.endpoints
    .filter((old) => old.endpoint !== data.endpoint)
    .map((old) => ({ ...old, seats: old.seats.filter((seat) => !seats.has(seat)) }));
  const fresh: WireEndpoint = {
    endpoint: data.endpoint,
    seats: data.seats,
    device: data.device,
    line: 'online',
    since_us: wall_us,
    muted: { microphone: false, camera: false },
    tracks: [],
  };
  return {
    ...state,
    endpoints: [...others, fresh],
    seats: state.seats.map((seat) => (seats.has(seat.seat) ? { ...seat, endpoint: data.endpoint } : seat)),
  };
}

function gone(state: RoomState, id: EndpointId): RoomState {
  return {
    ...state,
    endpoints: state.endpoints.filter((old) => old.endpoint !== id),
    seats: state.seats.map((seat) => (seat.endpoint === id ? { ...seat, endpoint: null } : seat)),
  };
}

/** One gap touches many tracks: the rows of one stretch are one gap to people. */
function withGap(gaps: readonly Gap[], gap: Gap): readonly Gap[] {
  const last = gaps[gaps.length - 1];
  if (!last || gap.from_r_us > last.to_r_us || gap.to_r_us < last.from_r_us) return [...gaps, gap];
  const merged: Gap = {
    from_r_us: Math.min(last.from_r_us, gap.from_r_us),
    to_r_us: Math.max(last.to_r_us, gap.to_r_us),
    reason: gap.reason,
  };
  return [...gaps.slice(0, -1), merged];
}
