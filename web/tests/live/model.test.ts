import { describe, expect, it } from 'vitest';

import type { RecordingStatus } from '../../src/client/wire';
import { focusOf, gridShape, isHost, people, recordControl, recordingSign, tileSize, tiles } from '../../src/live/model';
import { firstProblem } from '../../src/live/problem';
import { endpoint, recording, room, snapshot } from '../rooms';

describe('pictures', () => {
  it('are one for each endpoint, in the order of the seats, with all who sit there', () => {
    const all = tiles(room());
    expect(all.map((tile) => tile.seats.map(({ name }) => name))).toEqual([['马晓燕'], ['王建国', '王磊']]);
    expect(all[0]).toMatchObject({ own: true, host: true, cameraOff: false, track: 'e-host-picture' });
  });

  it('have no track while the camera is off or not yet there', () => {
    const off = endpoint('e-father', ['father'], { muted: { microphone: false, camera: true } });
    const none = endpoint('e-host', ['host'], { tracks: [] });
    expect(tiles(room({ endpoints: [off, none] })).map(({ cameraOff, track }) => [cameraOff, track])).toEqual([
      [true, null],
      [true, null],
    ]);
  });

  it('leave out an endpoint that carries nobody', () => {
    expect(tiles(room({ endpoints: [endpoint('e-none', [])] }))).toEqual([]);
  });
});

describe('the list of people', () => {
  it('counts seats, tells who sits beside whom, and who is not there', () => {
    const { here, absent } = people(room());
    expect(here.map(({ seat, besideName }) => [seat.name, besideName])).toEqual([
      ['马晓燕', null],
      ['王建国', null],
      ['王磊', '王建国'],
    ]);
    expect(absent.map(({ seat }) => seat.name)).toEqual(['刘卫东']);
    expect(here[0]).toMatchObject({ own: true, host: true });
  });

  it('knows the host by the seat', () => {
    expect(isHost(room())).toBe(true);
    expect(isHost(room({ you: { ...snapshot().you, seats: ['father', 'son'] } }))).toBe(false);
  });
});

describe('the sign of the recording', () => {
  const on = room({ recording: recording('on', 4_000_000) });
  const heard = (change: Partial<RecordingStatus>, at = 1000): { status: RecordingStatus; at: number } => ({
    status: { state: 'on', writing: true, written_r_us: 5_000_000, free_bytes: 1, ...change },
    at,
  });

  it('is red only while the writer says that it writes', () => {
    expect(recordingSign(on, 'live', heard({}), 1400)).toEqual({ name: 'on', r_us: 5_400_000 });
    expect(recordingSign(on, 'live', heard({ writing: false }), 1400).name).toBe('unsure');
    expect(recordingSign(on, 'live', heard({ written_r_us: null }), 1400).name).toBe('unsure');
  });

  it('runs on for one second at most, and is no longer believed after 2.5 s', () => {
    expect(recordingSign(on, 'live', heard({}), 3400)).toEqual({ name: 'on', r_us: 6_000_000 });
    expect(recordingSign(on, 'live', heard({}), 3501)).toEqual({ name: 'unsure', r_us: 5_000_000 });
  });

  it('waits for the writer after the start', () => {
    expect(recordingSign(on, 'live', null, 0).name).toBe('starting');
    expect(recordingSign(on, 'live', heard({ state: 'off' }), 1000).name).toBe('starting');
  });

  it('is not known without a line, whatever was shown before', () => {
    expect(recordingSign(on, 'waiting', heard({}), 1000).name).toBe('unknown');
  });

  it('says where a pause stands and since when a fault', () => {
    expect(recordingSign(room({ recording: recording('paused', 7) }), 'live', null, 0)).toEqual({ name: 'paused', r_us: 7 });
    const failed = room({ recording: { state: 'failed', r_us: 7, reason: 'disk_full', since_us: 99 } });
    expect(recordingSign(failed, 'live', heard({}), 1000)).toEqual({ name: 'fault', since_us: 99 });
    expect(recordingSign(room(), 'live', null, 0).name).toBe('off');
  });
});

describe('the key of the recording', () => {
  const at = (session: 'scheduled' | 'open' | 'paused', state: 'off' | 'on' | 'paused' | 'failed'): ReturnType<typeof recordControl> =>
    recordControl(room({ session: { ...snapshot().session, state: session }, recording: recording(state, 0) }));

  it('starts, pauses and resumes', () => {
    expect([at('open', 'off'), at('open', 'on'), at('open', 'paused'), at('open', 'failed')].map(({ action }) => action)).toEqual([
      'start',
      'pause',
      'resume',
      'resume',
    ]);
  });

  it('records nothing before the session and during its pause', () => {
    expect(at('scheduled', 'off').forbidden).toBe('not_open');
    expect(at('paused', 'paused').forbidden).toBe('session_paused');
    expect(at('open', 'off').forbidden).toBeNull();
  });
});

describe('the grid', () => {
  it.each([
    [1, 1000, 700, 1, 1],
    [2, 1400, 700, 2, 1],
    [2, 600, 900, 1, 2],
    [3, 1000, 700, 2, 2],
    [6, 1070, 728, 2, 3],
    [6, 1800, 700, 3, 2],
    [9, 1000, 700, 3, 3],
    [6, 1000, 400, 2, 2],
  ])('of %i on %i × %i is %i × %i', (count, width, height, columns, rows) => {
    expect(gridShape(count, width, height)).toMatchObject({ columns, rows });
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9])('keeps %i pictures in 16:9 and inside the stage', (count) => {
    const shape = gridShape(count, 1072, 712);
    const size = tileSize(shape, 1072, 712, 8);
    expect(size.width / size.height).toBeCloseTo(16 / 9, 1);
    expect(size.width * shape.columns + 8 * (shape.columns - 1)).toBeLessThanOrEqual(1072);
    expect(size.height * shape.rows + 8 * (shape.rows - 1)).toBeLessThanOrEqual(712);
    expect(shape.columns * shape.rows).toBeGreaterThanOrEqual(count);
  });
});

describe('the large picture', () => {
  const all = tiles(
    room({ endpoints: [endpoint('e-judge', ['judge']), endpoint('e-father', ['father', 'son']), endpoint('e-host', ['host'])], you: { ...snapshot().you, endpoint: 'e-judge' } }),
  );
  const shown = (focus: string | null, speaking: string[], last: string | null): string | undefined => focusOf(all, focus, new Set(speaking), last)?.endpoint;

  it('is the chosen seat, then who speaks, then who did, then the host', () => {
    expect(shown('son', ['e-host'], 'e-host')).toBe('e-father');
    expect(shown(null, ['e-father', 'e-host'], 'e-father')).toBe('e-father');
    expect(shown(null, ['e-father'], 'e-host')).toBe('e-father');
    expect(shown(null, [], 'e-father')).toBe('e-father');
    expect(shown(null, [], null)).toBe('e-host');
  });

  it('is never the own one, and a chosen seat that left does not hold it', () => {
    expect(shown(null, ['e-judge'], null)).toBe('e-host');
    expect(shown('gone', ['e-father'], null)).toBe('e-father');
    expect(focusOf([], null, new Set(), null)).toBeNull();
  });
});

describe('the first problem', () => {
  const none = { microphone: null, camera: null };
  const no = { microphone: false, camera: false };

  it('is the browser, then one refusal of both, then the camera, then the microphone', () => {
    expect(firstProblem('insecure', { microphone: 'denied', camera: 'denied' }, no)).toEqual({ name: 'insecure' });
    expect(firstProblem(null, { microphone: 'denied', camera: 'denied' }, no)).toEqual({ source: 'both', fault: 'denied' });
    expect(firstProblem(null, { microphone: 'missing', camera: 'busy' }, no)).toEqual({ source: 'camera', fault: 'busy' });
    expect(firstProblem(null, { microphone: 'missing', camera: 'busy' }, { ...no, camera: true })).toEqual({ source: 'microphone', fault: 'missing' });
    expect(firstProblem(null, none, no)).toBeNull();
    expect(firstProblem(null, { microphone: 'denied', camera: 'denied' }, { microphone: true, camera: true })).toBeNull();
  });
});
