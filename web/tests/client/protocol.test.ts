import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { CommandRefused, Connection, type Listener, retryDelay } from '../../src/client/protocol';
import type { OpenWire } from '../../src/client/socket';
import type { Ticket, TicketStore } from '../../src/client/ticket';
import type { Ack, Welcome } from '../../src/client/wire';
import { item, welcome } from '../rooms';

type Answer = (ack: Ack<object>) => void;

/** Stands where socket.io stands: what the page says, and what the server would say. */
class FakeWire {
  handlers = new Map<string, (...args: never[]) => void>();
  said: { name: string; payload: Record<string, unknown>; answer: Answer }[] = [];
  closed = false;

  on(event: string, handler: (...args: never[]) => void): void {
    this.handlers.set(event, handler);
  }

  emit(name: string, ...[payload, answer]: unknown[]): void {
    this.said.push({ name, payload: payload as Record<string, unknown>, answer: answer as Answer });
  }

  close(): void {
    this.closed = true;
  }

  hear(event: string, ...args: unknown[]): void {
    this.handlers.get(event)?.(...(args as never[]));
  }

  last(): FakeWire['said'][number] {
    const found = this.said[this.said.length - 1];
    if (!found) throw new Error('the page has said nothing');
    return found;
  }
}

class Memory implements TicketStore {
  ticket: Ticket | null = null;
  load(): Ticket | null {
    return this.ticket;
  }
  save(ticket: Ticket): void {
    this.ticket = ticket;
  }
  clear(): void {
    this.ticket = null;
  }
}

const muted = { microphone: false, camera: false };

function start(): {
  wires: FakeWire[];
  wire: () => FakeWire;
  store: Memory;
  listener: { [K in keyof Listener]: ReturnType<typeof vi.fn> };
  connection: Connection;
} {
  const wires: FakeWire[] = [];
  const open: OpenWire = () => {
    const made = new FakeWire();
    wires.push(made);
    return made;
  };
  const store = new Memory();
  const listener = {
    phase: vi.fn(),
    welcome: vi.fn(),
    event: vi.fn(),
    offer: vi.fn(),
    streams: vi.fn(),
    presence: vi.fn(),
    recordingStatus: vi.fn(),
  };
  const connection = new Connection({ login: 'login', locale: () => 'en', open, store, listener, random: () => 0.5 });
  const wire = (): FakeWire => {
    const made = wires[wires.length - 1];
    if (!made) throw new Error('no socket was opened');
    return made;
  };
  return { wires, wire, store, listener, connection };
}

async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

async function enter(change: Partial<Welcome> = {}): Promise<ReturnType<typeof start>> {
  const page = start();
  page.connection.join(muted);
  page.wire().hear('connect');
  page.wire().last().answer(welcome(change));
  await settle();
  return page;
}

async function again(page: ReturnType<typeof start>, change: Partial<Welcome> = {}): Promise<void> {
  await vi.advanceTimersByTimeAsync(4000);
  page.wire().hear('connect');
  page.wire().said[0]?.answer(welcome(change));
  await settle();
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('joining', () => {
  it('says who it is once connected, and is live with the welcome', async () => {
    const page = await enter();
    expect(page.wire().said[0]).toMatchObject({ name: 'join', payload: { device: 'browser', muted } });
    expect(page.connection.phase).toEqual({ name: 'live' });
    expect(page.store.ticket).toEqual({ endpoint: 'e-host', key: 'key', epoch: 'epoch-1', last: 10, replaced: false });
  });

  it('repeats the same join when the answer is lost', async () => {
    const page = start();
    page.connection.join(muted);
    page.wire().hear('connect');
    const first = page.wire().last().payload.command_id;
    page.wire().hear('disconnect');
    await vi.advanceTimersByTimeAsync(1000);
    expect(page.wires).toHaveLength(2);
    page.wire().hear('connect');
    expect(page.wire().last().payload.command_id).toBe(first);
  });

  it('ends with the reason when it is refused', async () => {
    const page = start();
    page.connection.join(muted);
    page.wire().hear('connect');
    page.wire().last().answer({ ok: false, error: { code: 'storage_full', message: 'full' } });
    await settle();
    expect(page.connection.phase).toEqual({ name: 'refused', error: { code: 'storage_full', message: 'full' } });
  });

  it('tries again when the refusal will pass', async () => {
    const page = start();
    page.connection.join(muted);
    page.wire().hear('connect');
    page.wire().last().answer({ ok: false, error: { code: 'busy' } });
    await settle();
    expect(page.connection.phase.name).toBe('waiting');
  });
});

describe('the heartbeat', () => {
  it('is answered at once', async () => {
    const page = await enter();
    const answer = vi.fn();
    page.wire().hear('heartbeat', { n: 1 }, answer);
    expect(answer).toHaveBeenCalledOnce();
  });
});

describe('the feed', () => {
  it('is taken in order and remembered', async () => {
    const page = await enter();
    page.wire().hear('event', item('room:session:opened', {}, { n: 11 }));
    expect(page.listener.event).toHaveBeenCalledOnce();
    expect(page.store.ticket?.last).toBe(11);
  });

  it('takes nothing twice', async () => {
    const page = await enter();
    page.wire().hear('event', item('room:session:opened', {}, { n: 11 }));
    page.wire().hear('event', item('room:session:opened', {}, { n: 11 }));
    expect(page.listener.event).toHaveBeenCalledOnce();
  });

  it('asks anew at a hole instead of going on over it', async () => {
    const page = await enter();
    page.wire().hear('event', item('room:session:opened', {}, { n: 12 }));
    expect(page.listener.event).not.toHaveBeenCalled();
    expect(page.wires[0]?.closed).toBe(true);
    await again(page, { feed: 12, missed: [item('room:session:opened', {}, { n: 11 }), item('room:session:resumed', {}, { n: 12 })] });
    expect(page.wire().said[0]).toMatchObject({ name: 'resume', payload: { endpoint: 'e-host', key: 'key', epoch: 'epoch-1', last: 10 } });
    expect(page.listener.welcome.mock.lastCall?.[1]).toHaveLength(2);
  });

  it('keeps what comes before the welcome', async () => {
    const page = start();
    page.connection.join(muted);
    page.wire().hear('connect');
    page.wire().hear('event', item('room:session:opened', {}, { n: 10 }));
    page.wire().hear('event', item('room:session:resumed', {}, { n: 11 }));
    page.wire().last().answer(welcome({ feed: 10 }));
    await settle();
    expect(page.listener.event).toHaveBeenCalledOnce();
    expect(page.connection.last).toBe(11);
  });
});

describe('a command', () => {
  it('resolves with its acknowledgement', async () => {
    const page = await enter();
    const done = page.connection.command('mute', { source: 'camera', muted: true });
    page.wire().last().answer({ ok: true, feed: 11 } as Ack<object>);
    await expect(done).resolves.toMatchObject({ feed: 11 });
  });

  it('is sent again under the same id until it is acknowledged', async () => {
    const page = await enter();
    const done = page.connection.command('record', { action: 'start' });
    const first = page.wire().last().payload;
    page.wire().hear('disconnect');
    await again(page);
    const second = page.wire().last();
    expect(second.payload).toEqual(first);
    second.answer({ ok: true, feed: 12 } as Ack<object>);
    await expect(done).resolves.toMatchObject({ feed: 12 });
    page.wire().hear('disconnect');
    await again(page);
    expect(page.wire().said.map(({ name }) => name)).toEqual(['resume']);
  });

  it('waits for the socket when it is given without one', async () => {
    const page = await enter();
    page.wire().hear('disconnect');
    void page.connection.command('mute', { source: 'microphone', muted: true });
    await again(page);
    expect(page.wire().said.map(({ name }) => name)).toEqual(['resume', 'mute']);
  });

  it('is refused with the code of the server', async () => {
    const page = await enter();
    const done = page.connection.command('record', { action: 'start' });
    page.wire().last().answer({ ok: false, error: { code: 'storage_full' } });
    await expect(done).rejects.toEqual(new CommandRefused({ code: 'storage_full' }));
  });

  it('makes a new socket when no answer comes', async () => {
    const page = await enter();
    void page.connection.command('mute', { source: 'microphone', muted: true });
    await vi.advanceTimersByTimeAsync(8001);
    expect(page.wires.length).toBeGreaterThan(1);
    expect(page.wires[0]?.closed).toBe(true);
  });
});

describe('a request about media', () => {
  it('is not kept for another socket', async () => {
    const page = await enter();
    page.wire().hear('disconnect');
    await expect(page.connection.request('publish', {})).rejects.toMatchObject({ error: { code: 'offline' } });
    await again(page);
    expect(page.wire().said.map(({ name }) => name)).toEqual(['resume']);
  });
});

describe('being replaced', () => {
  it('ends without another attempt, also after a reload', async () => {
    const page = await enter();
    page.wire().hear('replaced', {});
    await vi.advanceTimersByTimeAsync(60_000);
    expect(page.connection.phase).toEqual({ name: 'replaced' });
    expect(page.wires).toHaveLength(1);
    expect(page.connection.resume(muted)).toBe(true);
    expect(page.connection.phase).toEqual({ name: 'replaced' });
    expect(page.wires).toHaveLength(1);
  });

  it('comes back by a join with a new id', async () => {
    const page = await enter();
    const first = page.wires[0]?.said[0]?.payload.command_id;
    page.wire().hear('replaced', {});
    page.connection.join(muted);
    page.wire().hear('connect');
    expect(page.wire().last().name).toBe('join');
    expect(page.wire().last().payload.command_id).not.toBe(first);
  });

  it('is told to a page that resumes too late', async () => {
    const page = await enter();
    page.wire().hear('disconnect');
    await vi.advanceTimersByTimeAsync(4000);
    page.wire().hear('connect');
    page.wire().last().answer({ ok: false, error: { code: 'replaced' } });
    await settle();
    expect(page.connection.phase).toEqual({ name: 'replaced' });
  });
});

describe('resuming', () => {
  it('joins anew when the endpoint is gone', async () => {
    const page = await enter();
    page.wire().hear('disconnect');
    await vi.advanceTimersByTimeAsync(4000);
    page.wire().hear('connect');
    page.wire().last().answer({ ok: false, error: { code: 'not_joined' } });
    await settle();
    page.wire().hear('connect');
    expect(page.wire().last().name).toBe('join');
  });

  it('has nothing to go on with in a new tab', () => {
    expect(start().connection.resume(muted)).toBe(false);
  });
});

describe('leaving', () => {
  it('gives the seat back and forgets it', async () => {
    const page = await enter();
    const left = page.connection.leave();
    page.wire().last().answer({ ok: true, feed: 11 } as Ack<object>);
    await left;
    expect(page.connection.phase).toEqual({ name: 'left' });
    expect(page.store.ticket).toBeNull();
  });
});

describe('the pause before an attempt', () => {
  it('grows to three seconds and is spread by a quarter each way', () => {
    expect([1, 2, 3, 4, 5, 6, 40].map((attempt) => retryDelay(attempt, 0.5))).toEqual([200, 500, 1000, 1500, 2000, 3000, 3000]);
    expect(retryDelay(6, 0)).toBe(2250);
    expect(retryDelay(6, 0.999)).toBeLessThan(3751);
  });

  it('can be cut short by the person', async () => {
    const page = await enter();
    page.wire().hear('disconnect');
    page.connection.retryNow();
    expect(page.wires).toHaveLength(2);
    await settle();
  });
});
