import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { Wire } from '../../src/client/socket';
import type { CompanionWelcome, Strokes } from '../../src/client/wire';
import { CompanionConnection } from '../../src/companion/connection';
import { hash, wireDocument } from '../agreements';
import { snapshot } from '../rooms';

class FakeWire implements Wire {
  closed = false;
  readonly sent: { name: string; payload: Record<string, unknown>; answer: (ack: unknown) => void }[] = [];
  private readonly handlers = new Map<string, (...args: unknown[]) => void>();

  on(event: string, handler: (...args: never[]) => void): void {
    this.handlers.set(event, handler as (...args: unknown[]) => void);
  }

  emit(name: string, ...args: unknown[]): void {
    const [payload, answer] = args as [Record<string, unknown>, (ack: unknown) => void];
    this.sent.push({ name, payload, answer });
  }

  close(): void {
    this.closed = true;
  }

  fire(event: string, ...args: unknown[]): void {
    this.handlers.get(event)?.(...args);
  }
}

const strokes: Strokes = { width: 1, height: 1, dpr: 1, pointer_type: 'touch', strokes: [] };
const welcome: CompanionWelcome = {
  seat: snapshot().seats[2] as CompanionWelcome['seat'],
  session_title: '九团五连灌溉用水纠纷',
  document: wireDocument({ state: 'frozen', hash }),
  hash_prefix: '9F3A 62B7 1D08',
  expires_at_us: 9,
  recording: { state: 'on', r_us: 1, reason: null, since_us: null },
  now_us: 5,
};
let wires: FakeWire[];
let connection: CompanionConnection;

const last = (): FakeWire => wires[wires.length - 1] as FakeWire;
const settled = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => undefined);

async function live(): Promise<void> {
  connection.connect();
  last().fire('connect');
  last().sent[0]?.answer({ ok: true, ...welcome });
  await settled();
}

beforeEach(() => {
  vi.useFakeTimers();
  wires = [];
  connection = new CompanionConnection({
    login: 'a',
    locale: () => 'en',
    changed: () => undefined,
    random: () => 0,
    open: () => {
      wires.push(new FakeWire());
      return last();
    },
  });
});

describe('a companion', () => {
  it('says who it is and shows what it was told', async () => {
    await live();
    expect(last().sent.map(({ name }) => name)).toEqual(['companion_join']);
    expect([connection.phase.name, connection.welcome?.hash_prefix]).toEqual(['live', '9F3A 62B7 1D08']);
  });

  it('signs once, with the text it showed', async () => {
    await live();
    const result = connection.sign(strokes);
    expect(await connection.sign(strokes)).toEqual({ code: 'busy' });
    const sent = last().sent[1];
    expect(sent?.payload).toMatchObject({ document: 'document', version: 1, hash, strokes });
    // The companion ends with its signature; the answer may come after that.
    last().fire('companion_ended', { reason: 'used' });
    sent?.answer({ ok: true, feed: 3, signed_at_us: 7, signed_r_us: null });
    expect(await result).toBeNull();
    expect(connection.phase).toMatchObject({ name: 'signed', signed: { signed_at_us: 7, signed_r_us: null } });
    expect(last().closed).toBe(true);
  });

  it('asks again under the same id when the answer was lost, before it says who it is', async () => {
    await live();
    const result = connection.sign(strokes);
    const first = last().sent[1]?.payload.command_id;
    last().fire('disconnect');
    expect(connection.phase.name).toBe('waiting');
    await vi.advanceTimersByTimeAsync(1000);
    last().fire('connect');
    expect(last().sent.map(({ name, payload }) => [name, payload.command_id])).toEqual([['document_sign', first]]);
    last().sent[0]?.answer({ ok: true, feed: 3, signed_at_us: 7, signed_r_us: 8 });
    expect(await result).toBeNull();
    expect(connection.phase.name).toBe('signed');
  });

  it('says why it was refused and stays where it was', async () => {
    await live();
    const result = connection.sign(strokes);
    last().sent[1]?.answer({ ok: false, error: { code: 'recording_paused' } });
    expect(await result).toEqual({ code: 'recording_paused' });
    expect(connection.phase.name).toBe('live');
  });

  it.each(['used', 'expired', 'withdrawn'] as const)('that was %s is over', async (reason) => {
    await live();
    last().fire('companion_ended', { reason });
    expect(connection.phase).toEqual({ name: 'over', reason });
  });

  it('that comes too late is told how it ended', async () => {
    connection.connect();
    last().fire('connect');
    last().sent[0]?.answer({ ok: false, error: { code: 'companion_expired' } });
    await settled();
    expect(connection.phase).toEqual({ name: 'over', reason: 'expired' });
  });

  it('that may not come in is told why', () => {
    connection.connect();
    last().fire('connect_error', Object.assign(new Error('no'), { data: { code: 'not_allowed' } }));
    expect(connection.phase).toMatchObject({ name: 'refused', error: { code: 'not_allowed' } });
  });
});
