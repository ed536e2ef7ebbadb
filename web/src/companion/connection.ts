// The companion's socket: it says who it is, sends one signature, and hears how its time ends.
// A signature that is on its way is sent again under the same id until it is answered.

import { newCommandId } from '../client/ids';
import { CommandRefused, passing, retryDelay } from '../client/protocol';
import type { OpenWire, Wire } from '../client/socket';
import type { Ack, CompanionEnd, CompanionWelcome, RecordingStatus, Signed, Strokes, WireError } from '../client/wire';

export type CompanionPhase =
  | { name: 'connecting' }
  /** `until` is the next attempt, ms since the epoch. */
  | { name: 'waiting'; until: number }
  | { name: 'live' }
  | { name: 'signed'; signed: Signed }
  | { name: 'over'; reason: CompanionEnd }
  | { name: 'refused'; error: WireError };

export interface CompanionOptions {
  login: string;
  locale: () => string;
  open: OpenWire;
  changed: () => void;
  random?: () => number;
}

interface Pending {
  payload: object;
  resolve: (error: WireError | null) => void;
}

const answerTimeout = 8000;
const ends: Record<string, CompanionEnd> = {
  companion_used: 'used',
  companion_expired: 'expired',
  companion_withdrawn: 'withdrawn',
};

export class CompanionConnection {
  phase: CompanionPhase = { name: 'connecting' };
  welcome: CompanionWelcome | null = null;
  recording: { status: RecordingStatus; at: number } | null = null;
  /** Server time minus the page's, ms. */
  clockOffset = 0;
  private wire: Wire | null = null;
  private pending: Pending | null = null;
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: CompanionOptions) {}

  connect(): void {
    this.drop();
    this.show({ name: 'connecting' });
    const wire = this.options.open(this.options.login, this.options.locale());
    this.wire = wire;
    const current =
      <A extends unknown[]>(handler: (...args: A) => void) =>
      (...args: A): void => {
        if (this.wire === wire) handler(...args);
      };
    wire.on('connect', current(() => void this.greet(wire)));
    wire.on('disconnect', current(() => this.again()));
    wire.on('connect_error', current((error: Error & { data?: WireError }) => this.refused(error.data ?? { code: 'no_answer' })));
    wire.on('heartbeat', (_beat: unknown, answer?: (nothing: object) => void) => answer?.({}));
    wire.on('recording_status', current((status: RecordingStatus) => {
      this.recording = { status, at: Date.now() };
      this.options.changed();
    }));
    wire.on('companion_ended', current(({ reason }: { reason: CompanionEnd }) => this.ended(reason)));
  }

  retryNow(): void {
    if (this.phase.name === 'waiting') this.connect();
  }

  /** Null once the signature is stored; else why not. */
  sign(strokes: Strokes): Promise<WireError | null> {
    const { welcome } = this;
    if (!welcome || this.pending) return Promise.resolve({ code: 'busy' });
    const { document, version, hash } = welcome.document;
    const payload = { command_id: newCommandId(), document, version, hash, strokes };
    return new Promise((resolve) => {
      this.pending = { payload, resolve };
      if (this.wire && this.phase.name === 'live') void this.send(this.wire);
    });
  }

  private async greet(wire: Wire): Promise<void> {
    // The answer to a signature may have been lost: it is asked for before anything else.
    if (this.pending && (await this.send(wire))) return;
    try {
      const welcome = await this.ask<CompanionWelcome>(wire, 'companion_join', {});
      if (this.wire !== wire) return;
      this.welcome = welcome;
      this.clockOffset = welcome.now_us / 1000 - Date.now();
      this.attempt = 0;
      this.show({ name: 'live' });
    } catch (error) {
      if (this.wire === wire) this.refused((error as CommandRefused).error);
    }
  }

  /** Whether the companion's work is done. */
  private async send(wire: Wire): Promise<boolean> {
    const { pending } = this;
    if (!pending) return false;
    try {
      const signed = await this.ask<Signed>(wire, 'document_sign', pending.payload);
      this.settle(null);
      this.finish({ name: 'signed', signed });
      return true;
    } catch (error) {
      const { error: reason } = error as CommandRefused;
      if (reason.code === 'no_answer') {
        if (this.wire === wire) this.again();
      } else this.settle(reason);
      return false;
    }
  }

  private settle(error: WireError | null): void {
    const { pending } = this;
    this.pending = null;
    pending?.resolve(error);
  }

  private ended(reason: CompanionEnd): void {
    // The answer to the own signature follows; without it the next connection asks again.
    if (reason === 'used' && this.pending) return;
    this.over(reason);
  }

  private over(reason: CompanionEnd): void {
    this.settle({ code: `companion_${reason}` });
    this.finish({ name: 'over', reason });
  }

  private refused(error: WireError): void {
    const end = ends[error.code];
    if (end) this.over(end);
    else if (passing.includes(error.code)) this.again();
    else {
      this.settle(error);
      this.finish({ name: 'refused', error });
    }
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

  private again(): void {
    this.drop();
    this.attempt += 1;
    const { random = Math.random } = this.options;
    const wait = retryDelay(this.attempt, random());
    this.show({ name: 'waiting', until: Date.now() + wait });
    this.timer = setTimeout(() => this.connect(), wait);
  }

  private finish(phase: CompanionPhase): void {
    this.drop();
    this.show(phase);
  }

  private drop(): void {
    clearTimeout(this.timer);
    const { wire } = this;
    this.wire = null;
    wire?.close();
  }

  private show(phase: CompanionPhase): void {
    this.phase = phase;
    this.recording = phase.name === 'live' ? this.recording : null;
    this.options.changed();
  }
}
