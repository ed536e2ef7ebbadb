// The signaling connection: one socket at a time, opened again until the seat is given up.
// What the person asked for is kept until the server has acknowledged it.

import { judge, unseen } from './feed';
import { newCommandId } from './ids';
import type { OpenWire, Wire } from './socket';
import type { Ticket, TicketStore } from './ticket';
import type {
  Ack,
  FeedItem,
  Muted,
  Presence,
  RecordingStatus,
  Stream,
  SubscribeOffer,
  Welcome,
  WireError,
} from './wire';

export type Phase =
  | { name: 'idle' }
  | { name: 'connecting'; attempt: number }
  /** `until` is the next attempt, ms since the epoch. */
  | { name: 'waiting'; attempt: number; until: number }
  | { name: 'live' }
  | { name: 'replaced' }
  | { name: 'ended' }
  | { name: 'left' }
  | { name: 'refused'; error: WireError };

export interface Listener {
  phase(phase: Phase): void;
  /** `missed` are the items since the last one this page has seen. */
  welcome(welcome: Welcome, missed: FeedItem[]): void;
  event(item: FeedItem): void;
  offer(offer: SubscribeOffer): void;
  streams(streams: Stream[]): void;
  presence(presence: Presence): void;
  recordingStatus(status: RecordingStatus): void;
}

export class CommandRefused extends Error {
  constructor(readonly error: WireError) {
    super(error.code);
  }
}

interface Pending {
  name: string;
  payload: object;
  resolve: (answer: Record<string, unknown>) => void;
  reject: (reason: CommandRefused) => void;
}

const answerTimeout = 8000;
/** Refusals that time cures. */
export const passing: readonly string[] = ['no_answer', 'busy', 'stopping', 'slow_down', 'too_many_sockets', 'internal'];
const firstDelays = [200, 500, 1000, 1500, 2000];
const lastDelay = 3000;

/** Milliseconds before attempt number `attempt` (from 1); `random` in [0, 1) spreads the pages. */
export function retryDelay(attempt: number, random: number): number {
  return Math.round((firstDelays[attempt - 1] ?? lastDelay) * (0.75 + random / 2));
}

export interface ConnectionOptions {
  login: string;
  locale: () => string;
  open: OpenWire;
  store: TicketStore;
  listener: Listener;
  random?: () => number;
}

export class Connection {
  phase: Phase = { name: 'idle' };
  private wire: Wire | null = null;
  private ticket: Ticket | null = null;
  private early: FeedItem[] = [];
  private pending = new Map<string, Pending>();
  private joinId: string | null = null;
  private muted: Muted = { microphone: false, camera: false };
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: ConnectionOptions) {}

  get last(): number {
    return this.ticket?.last ?? 0;
  }

  /** Take the seat, from another endpoint if one holds it. */
  join(muted: Muted): void {
    this.ticket = null;
    this.muted = muted;
    this.joinId = newCommandId();
    this.attempt = 0;
    this.connect();
  }

  /** Go on where the ticket was written; false when there is none. */
  resume(muted: Muted): boolean {
    this.ticket = this.options.store.load();
    this.muted = muted;
    if (!this.ticket) return false;
    if (this.ticket.replaced) this.finish({ name: 'replaced' });
    else this.connect();
    return true;
  }

  retryNow(): void {
    if (this.phase.name === 'waiting') this.connect();
  }

  /** A state-changing message; sent again under the same id until it is acknowledged. */
  command(name: string, payload: object): Promise<Record<string, unknown>> {
    const id = newCommandId();
    return new Promise((resolve, reject) => {
      this.pending.set(id, { name, payload: { ...payload, command_id: id }, resolve, reject });
      if (this.phase.name === 'live') this.send(id);
    });
  }

  /** A message about this connection's media; it means nothing on the next socket. */
  request<T>(name: string, payload: object): Promise<T> {
    const wire = this.wire;
    if (!wire || this.phase.name !== 'live') return Promise.reject(new CommandRefused({ code: 'offline' }));
    return this.ask<T>(wire, name, payload);
  }

  async leave(): Promise<void> {
    await this.command('leave', {});
    this.finish({ name: 'left' });
  }

  close(): void {
    this.drop();
    this.setPhase({ name: 'idle' });
  }

  private connect(): void {
    this.drop();
    this.setPhase({ name: 'connecting', attempt: this.attempt });
    const wire = this.options.open(this.options.login, this.options.locale());
    this.wire = wire;
    const current =
      <A extends unknown[]>(handler: (...args: A) => void) =>
      (...args: A): void => {
        if (this.wire === wire) handler(...args);
      };
    wire.on('connect', current(() => void this.greet(wire)));
    wire.on('disconnect', current(() => this.again()));
    wire.on('connect_error', current((error: Error & { data?: WireError }) => this.failed(error)));
    this.listen(wire, current);
  }

  private listen(
    wire: Wire,
    current: <A extends unknown[]>(handler: (...args: A) => void) => (...args: A) => void,
  ): void {
    const { listener } = this.options;
    wire.on('event', current((item: FeedItem) => this.take(item)));
    wire.on('subscribe_offer', current((offer: SubscribeOffer) => listener.offer(offer)));
    wire.on('streams', current((message: { streams: Stream[] }) => listener.streams(message.streams)));
    wire.on('presence', current((presence: Presence) => listener.presence(presence)));
    wire.on('recording_status', current((status: RecordingStatus) => listener.recordingStatus(status)));
    // Answered by the message itself, not by a timer: hidden pages have slow timers.
    wire.on('heartbeat', (_beat: unknown, answer?: (nothing: object) => void) => answer?.({}));
    wire.on('replaced', current(() => this.finish({ name: 'replaced' })));
    wire.on('ended', current(() => this.finish({ name: 'ended' })));
  }

  private async greet(wire: Wire): Promise<void> {
    const { ticket } = this;
    const [name, payload] = ticket
      ? ['resume', { endpoint: ticket.endpoint, key: ticket.key, epoch: ticket.epoch, last: ticket.last }]
      : ['join', { command_id: (this.joinId ??= newCommandId()), device: 'browser', muted: this.muted }];
    try {
      const welcome = await this.ask<Welcome>(wire, name, payload);
      if (this.wire === wire) this.welcomed(welcome);
    } catch (error) {
      if (this.wire === wire) this.greetingRefused((error as CommandRefused).error, ticket !== null);
    }
  }

  private welcomed(welcome: Welcome): void {
    const { endpoint, key, epoch, feed } = welcome;
    const before = this.ticket?.last ?? feed;
    const missed = unseen(before, welcome.missed ?? []) ?? welcome.missed ?? [];
    this.ticket = { endpoint, key, epoch, last: feed, replaced: false };
    this.options.store.save(this.ticket);
    this.joinId = null;
    this.attempt = 0;
    this.setPhase({ name: 'live' });
    this.options.listener.welcome(welcome, missed);
    const { early } = this;
    this.early = [];
    early.forEach((item) => this.take(item));
    Array.from(this.pending.keys()).forEach((id) => this.send(id));
  }

  private greetingRefused(error: WireError, resuming: boolean): void {
    if (passing.includes(error.code)) this.again();
    else if (error.code === 'replaced') this.finish({ name: 'replaced' });
    else if (error.code === 'session_closed') this.finish({ name: 'ended' });
    else if (resuming) {
      // The endpoint is gone for good, the seat is not: take it anew.
      this.ticket = null;
      this.connect();
    } else this.finish({ name: 'refused', error });
  }

  private take(item: FeedItem): void {
    if (this.phase.name !== 'live' || !this.ticket) {
      this.early.push(item);
      return;
    }
    const verdict = judge(this.ticket.last, item.n);
    if (verdict === 'gap') this.again(0);
    if (verdict !== 'next') return;
    this.ticket = { ...this.ticket, last: item.n };
    this.options.store.save(this.ticket);
    this.options.listener.event(item);
  }

  private send(id: string): void {
    const { wire } = this;
    const command = this.pending.get(id);
    if (!wire || !command) return;
    this.ask<Record<string, unknown>>(wire, command.name, command.payload).then(
      (answer) => {
        this.pending.delete(id);
        command.resolve(answer);
      },
      (reason: CommandRefused) => {
        // No answer is no refusal: the command waits for the next socket.
        if (reason.error.code === 'no_answer') {
          if (this.wire === wire) this.again(0);
          return;
        }
        this.pending.delete(id);
        command.reject(reason);
      },
    );
  }

  private ask<T>(wire: Wire, name: string, payload: object): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new CommandRefused({ code: 'no_answer' })), answerTimeout);
      wire.emit(name, payload, (answer: Ack<T>) => {
        clearTimeout(late);
        if (answer.ok) resolve(answer);
        else reject(new CommandRefused(answer.error));
      });
    });
  }

  private failed(error: Error & { data?: WireError }): void {
    if (error.data?.code && !passing.includes(error.data.code)) this.finish({ name: 'refused', error: error.data });
    else this.again();
  }

  private again(delay?: number): void {
    this.drop();
    this.attempt += 1;
    const { random = Math.random } = this.options;
    const wait = delay ?? retryDelay(this.attempt, random());
    this.setPhase({ name: 'waiting', attempt: this.attempt, until: Date.now() + wait });
    this.timer = setTimeout(() => this.connect(), wait);
  }

  private finish(phase: Phase): void {
    this.drop();
    if (phase.name === 'replaced') {
      if (this.ticket) this.options.store.save({ ...this.ticket, replaced: true });
    } else this.options.store.clear();
    const code = phase.name;
    this.pending.forEach(({ reject }) => reject(new CommandRefused({ code })));
    this.pending.clear();
    this.setPhase(phase);
  }

  private drop(): void {
    clearTimeout(this.timer);
    this.early = [];
    const { wire } = this;
    this.wire = null;
    wire?.close();
  }

  private setPhase(phase: Phase): void {
    this.phase = phase;
    this.options.listener.phase(phase);
  }
}
