import { describe, expect, it } from 'vitest';

import { apply, fromSnapshot } from '../../src/client/state';
import type { FeedItem } from '../../src/client/wire';
import { endpoint, item, recording, room, snapshot } from '../rooms';

function after(...items: FeedItem[]): ReturnType<typeof room> {
  return items.reduce(apply, room());
}

describe('the session', () => {
  it('opens, pauses with its reason, and goes on', () => {
    const opened = after(item('room:session:opened', {}, { wall_us: 5_000_000 }));
    expect(opened.session).toMatchObject({ state: 'open', opened_us: 5_000_000 });
    const paused = apply(opened, item('room:session:paused', { reason: 'host_lost' }));
    expect(paused.session).toMatchObject({ state: 'paused', pause_reason: 'host_lost' });
    expect(apply(paused, item('room:session:resumed', {})).session).toMatchObject({ state: 'open', pause_reason: null });
    expect(apply(paused, item('room:session:closed', {})).session.state).toBe('closed');
  });

  it('remembers a restart of the server until the host goes on', () => {
    const data = { epoch: 'b', previous_epoch: 'a', recording_ended_r_us: 61_000_000 };
    const restarted = after(item('server:epoch:started', data, { wall_us: 7_000_000 }));
    expect(restarted.restarted).toEqual({ wall_us: 7_000_000, recorded_r_us: 61_000_000 });
    expect(restarted.endpoints.every(({ tracks }) => tracks.length === 0)).toBe(true);
    expect(apply(restarted, item('room:session:resumed', {})).restarted).toBeNull();
  });

  it('takes the first epoch for no restart', () => {
    const first = { epoch: 'a', previous_epoch: null, recording_ended_r_us: null };
    expect(after(item('server:epoch:started', first))).toEqual(room());
  });
});

describe('endpoints', () => {
  it('take their seats from older ones', () => {
    const state = after(item('room:endpoint:joined', { endpoint: 'e-son', seats: ['son'], device: 'browser' }, { wall_us: 9 }));
    expect(state.endpoints.map(({ endpoint: id, seats }) => [id, seats])).toEqual([
      ['e-father', ['father']],
      ['e-host', ['host']],
      ['e-son', ['son']],
    ]);
    expect(state.seats.find(({ seat }) => seat === 'son')?.endpoint).toBe('e-son');
    expect(state.endpoints[2]).toMatchObject({ line: 'online', since_us: 9, tracks: [] });
  });

  it.each([
    item('room:endpoint:left', { endpoint: 'e-father', reason: 'left' }),
    item('room:endpoint:replaced', { endpoint: 'e-father', by: 'e-other' }),
  ])('go and leave their seats empty: $kind', (gone) => {
    const state = after(gone);
    expect(state.endpoints.map(({ endpoint: id }) => id)).toEqual(['e-host']);
    expect(state.seats.filter(({ endpoint: id }) => id === null).map(({ seat }) => seat)).toEqual(['judge', 'father', 'son']);
  });

  it('keep the seats of the newer one when the older is replaced afterwards', () => {
    const state = after(
      item('room:endpoint:joined', { endpoint: 'e-new', seats: ['father', 'son'], device: 'browser' }),
      item('room:endpoint:replaced', { endpoint: 'e-father', by: 'e-new' }),
    );
    expect(state.seats.filter(({ endpoint: id }) => id === 'e-new').map(({ seat }) => seat)).toEqual(['father', 'son']);
  });

  it('are lost and come back, with the time of it', () => {
    const lost = after(item('room:endpoint:lost', { endpoint: 'e-father' }, { wall_us: 77 }));
    expect(lost.endpoints[0]).toMatchObject({ line: 'lost', since_us: 77 });
    const back = apply(lost, item('room:endpoint:restored', { endpoint: 'e-father' }, { wall_us: 99 }));
    expect(back.endpoints[0]).toMatchObject({ line: 'online', since_us: 99 });
  });

  it('publish anew in place of the older track of the same source, and end tracks', () => {
    const track = { endpoint: 'e-father', track: 'new', source: 'camera', kind: 'video' } as const;
    const published = after(item('media:track:published', track));
    expect(published.endpoints[0]?.tracks.map(({ track: id }) => id)).toEqual(['e-father-sound', 'new']);
    const ended = apply(published, item('media:track:ended', track));
    expect(ended.endpoints[0]?.tracks.map(({ track: id }) => id)).toEqual(['e-father-sound']);
  });

  it('mute one source and not the other', () => {
    const state = after(item('room:mute:set', { endpoint: 'e-father', source: 'microphone', muted: true, by: 'father' }));
    expect(state.endpoints[0]?.muted).toEqual({ microphone: true, camera: false });
    expect(state.endpoints[1]?.muted).toEqual({ microphone: false, camera: false });
  });
});

describe('the own layout', () => {
  it('follows the own seat only', () => {
    const own = after(item('room:layout:set', { seat: 'host', layout: 'focus', focus: 'judge' }));
    expect(own.you).toMatchObject({ layout: 'focus', focus: 'judge' });
    expect(after(item('room:layout:set', { seat: 'judge', layout: 'focus', focus: null })).you.layout).toBe('grid');
  });
});

describe('the recording', () => {
  it('starts, pauses where it stands, resumes and stops', () => {
    const on = after(item('recording:session:started', { take: '1' }, { r_us: 0 }));
    expect(on.recording).toMatchObject({ state: 'on', r_us: 0 });
    const paused = apply(on, item('recording:session:paused', { take: '1', reason: 'host' }, { r_us: 5_000_000 }));
    expect(paused.recording).toMatchObject({ state: 'paused', r_us: 5_000_000 });
    expect(apply(paused, item('recording:session:resumed', { take: '2' })).recording).toMatchObject({ state: 'on', r_us: 5_000_000 });
    expect(apply(paused, item('recording:session:stopped', { take: '1' })).recording.state).toBe('off');
  });

  it('shows a fault until the writer writes again', () => {
    const failed = after(item('recording:writer:failed', { reason: 'disk_full', since_us: 42 }, { r_us: 1 }));
    expect(failed.recording).toMatchObject({ state: 'failed', fault: { reason: 'disk_full', since_us: 42 } });
    const restored = apply(failed, item('recording:writer:restored', { since_us: 50, take: '2' }));
    expect(restored.recording).toMatchObject({ state: 'on', fault: null });
  });

  it('counts the rows of one stretch as one gap', () => {
    const row = (track: string, from_r_us: number, to_r_us: number): FeedItem =>
      item('recording:gap:noted', { track, from_r_us, to_r_us, reason: 'writer_died', packets: 3 });
    const state = after(row('a', 1000, 3000), row('b', 1500, 3500), row('a', 9000, 9500));
    expect(state.recording.gaps.map(({ from_r_us, to_r_us }) => [from_r_us, to_r_us])).toEqual([
      [1000, 3500],
      [9000, 9500],
    ]);
    expect(apply(state, item('recording:session:started', { take: '3' })).recording.gaps).toEqual([]);
  });
});

describe('a new snapshot', () => {
  it('is the truth, and keeps what only this page knows', () => {
    const before = after(
      item('server:epoch:started', { epoch: 'b', previous_epoch: 'a', recording_ended_r_us: 7 }),
      item('recording:gap:noted', { track: null, from_r_us: 1, to_r_us: 2, reason: 'x', packets: 0 }),
    );
    const { session } = snapshot();
    const paused = { ...session, state: 'paused', pause_reason: 'server_restarted' } as const;
    const next = fromSnapshot(snapshot({ session: paused, endpoints: [endpoint('e-host', ['host'])] }), before);
    expect(next.session.pause_reason).toBe('server_restarted');
    expect(next.restarted?.recorded_r_us).toBe(7);
    expect(next.recording.gaps).toHaveLength(1);
    expect(next.endpoints).toHaveLength(1);
  });

  it('keeps nothing of another session', () => {
    const before = after(item('recording:gap:noted', { track: null, from_r_us: 1, to_r_us: 2, reason: 'x', packets: 0 }));
    const { session } = snapshot();
    expect(fromSnapshot(snapshot({ session: { ...session, id: 'other' } }), before).recording.gaps).toEqual([]);
  });

  it('tells a fault that began before this page was opened', () => {
    const failed = { ...recording('failed', 9), reason: 'disk_full', since_us: 5 } as const;
    expect(fromSnapshot(snapshot({ recording: failed }), null).recording.fault).toEqual({ reason: 'disk_full', since_us: 5 });
    expect(fromSnapshot(snapshot({ recording: recording('on', 9) }), null).recording.fault).toBeNull();
  });
});

it('passes over a kind it does not know', () => {
  const unknown = { n: 11, kind: 'cases:matter:moved', wall_us: 1, r_us: null, data: {} } as unknown as FeedItem;
  expect(after(unknown)).toEqual(room());
});
