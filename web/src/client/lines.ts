// The quality of each endpoint's line, read from the peer connections again and again.

import { judgeLine, type Quality, readIncoming, readOutgoing, type Totals } from './quality';
import type { Publisher, Subscriber } from './rtc';
import type { EndpointId } from './wire';

export class Lines {
  own: Quality = 'unknown';
  /** Packets came in between the last two readings. */
  flowing = false;
  private incoming = new Map<EndpointId, Quality>();
  private before = new Map<string, Totals>();
  private outgoing: Totals | undefined;

  constructor(private readonly changed: () => void) {}

  of(endpoint: EndpointId): Quality {
    return this.incoming.get(endpoint) ?? 'unknown';
  }

  async read(publisher: Publisher | null, subscriber: Subscriber | null): Promise<void> {
    const was = JSON.stringify([this.own, this.flowing, Array.from(this.incoming)]);
    if (publisher) {
      const now = await readOutgoing(publisher.pc);
      this.own = judgeLine(this.outgoing, now);
      this.outgoing = now;
    }
    if (subscriber?.pc) await this.readStreams(subscriber, subscriber.pc);
    else this.flowing = false;
    if (JSON.stringify([this.own, this.flowing, Array.from(this.incoming)]) !== was) this.changed();
  }

  private async readStreams(subscriber: Subscriber, pc: RTCPeerConnection): Promise<void> {
    const totals = await readIncoming(pc);
    const found = new Map<EndpointId, Quality>();
    const count = (all: Map<string, Totals>): number => Array.from(all.values()).reduce((sum, { received }) => sum + received, 0);
    this.flowing = count(totals) > count(this.before);
    subscriber.streams.forEach(({ endpoint, kind }) => {
      const track = endpoint === null ? null : subscriber.track(endpoint, kind);
      const now = track ? totals.get(track.id) : undefined;
      if (endpoint === null || !track || !now) return;
      const quality = judgeLine(this.before.get(track.id), now);
      // The worse of sound and picture is what the person notices.
      if (found.get(endpoint) !== 'weak') found.set(endpoint, quality === 'unknown' ? (found.get(endpoint) ?? quality) : quality);
    });
    this.incoming = found;
    this.before = totals;
  }
}
