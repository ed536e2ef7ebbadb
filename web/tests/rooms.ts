// A room for tests: a mediator who hosts, a judge, and a father and son before one camera.

import { fromSnapshot, type RoomState } from '../src/client/state';
import type { FeedItem, Snapshot, Welcome, WireEndpoint } from '../src/client/wire';

export function endpoint(id: string, seats: string[], change: Partial<WireEndpoint> = {}): WireEndpoint {
  return {
    endpoint: id,
    seats,
    device: 'browser',
    line: 'online',
    since_us: 1_000_000,
    muted: { microphone: false, camera: false },
    tracks: [
      { track: `${id}-sound`, source: 'microphone', kind: 'audio' },
      { track: `${id}-picture`, source: 'camera', kind: 'video' },
    ],
    ...change,
  };
}

export function recording(state: Snapshot['recording']['state'], r_us: number | null): Snapshot['recording'] {
  return { state, r_us, reason: null, since_us: null };
}

export function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  const seat = (id: string, name: string, role: string, at: string | null, beside: string | null = null): Snapshot['seats'][number] => ({
    seat: id,
    name,
    role,
    standing: null,
    unit: '',
    endpoint: at,
    beside,
  });
  return {
    session: {
      id: 'session',
      title: '九团五连灌溉用水纠纷',
      case_number: '九团人调〔2026〕037号',
      track: 'people',
      state: 'open',
      host_seat: 'host',
      dial_number: '12345678',
      opened_us: 1_000_000,
      pause_reason: null,
    },
    recording: recording('off', null),
    seats: [
      seat('judge', '刘卫东', 'judge', null),
      seat('host', '马晓燕', 'mediator', 'e-host'),
      seat('father', '王建国', 'party', 'e-father'),
      seat('son', '王磊', 'agent', 'e-father', 'father'),
    ],
    endpoints: [endpoint('e-father', ['father', 'son']), endpoint('e-host', ['host'])],
    you: { seats: ['host'], endpoint: 'e-host', role: 'mediator', layout: 'grid', focus: null, can: ['mute'] },
    now_us: 2_000_000,
    ...change,
  };
}

export function room(change: Partial<Snapshot> = {}): RoomState {
  return fromSnapshot(snapshot(change), null);
}

export function welcome(change: Partial<Welcome> = {}): Welcome & { ok: true } {
  return {
    ok: true,
    epoch: 'epoch-1',
    endpoint: 'e-host',
    key: 'key',
    seats: ['host'],
    feed: 10,
    snapshot: snapshot(),
    media: { video_cap_bps: 1_500_000 },
    missed: [],
    ...change,
  };
}

/** An item of the feed; number, time and position on R matter to few tests. */
export function item<K extends FeedItem['kind']>(
  kind: K,
  data: Extract<FeedItem, { kind: K }>['data'],
  change: { n?: number; wall_us?: number; r_us?: number | null } = {},
): FeedItem {
  return { n: 11, wall_us: 3_000_000, r_us: null, ...change, kind, data } as FeedItem;
}
