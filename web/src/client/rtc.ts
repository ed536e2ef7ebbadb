// The two peer connections of an endpoint: the publisher, where this page offers, and the
// subscriber, where the server offers. Both are thrown away and built anew rather than repaired.

import type { EndpointId, PublishAnswer, Source, Stream, SubscribeOffer } from './wire';

export type OwnTracks = Record<Source, MediaStreamTrack | null>;
/** `blocked`: no path for the media within ten seconds. */
export type PathState = 'new' | 'connected' | 'blocked';

const sources: readonly Source[] = ['microphone', 'camera'];
const blockedAfter = 10_000;

/** Follows one connection's ICE: the path's state, and the wish to be built anew. */
class Path {
  state: PathState = 'new';
  private readonly timer: ReturnType<typeof setTimeout>;

  constructor(
    private readonly pc: RTCPeerConnection,
    private readonly changed: () => void,
    private readonly failed: () => void,
  ) {
    this.timer = setTimeout(() => this.set('blocked'), blockedAfter);
    pc.oniceconnectionstatechange = (): void => this.follow();
  }

  close(): void {
    clearTimeout(this.timer);
    this.pc.oniceconnectionstatechange = null;
    this.pc.close();
  }

  private follow(): void {
    const { iceConnectionState } = this.pc;
    if (iceConnectionState === 'connected' || iceConnectionState === 'completed') {
      clearTimeout(this.timer);
      this.set('connected');
    } else if (iceConnectionState === 'failed') this.failed();
  }

  private set(state: PathState): void {
    if (this.state === state) return;
    this.state = state;
    this.changed();
  }
}

export interface PublisherOptions {
  publish: (sdp: string, sources: Record<string, Source>) => Promise<PublishAnswer>;
  capBps: number;
  changed: () => void;
  failed: () => void;
}

export class Publisher {
  readonly pc = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' });
  private readonly path: Path;
  private readonly senders = new Map<Source, RTCRtpSender>();

  constructor(private readonly options: PublisherOptions) {
    this.path = new Path(this.pc, options.changed, options.failed);
  }

  get state(): PathState {
    return this.path.state;
  }

  /** Both sources get their place at once, so that a device found later needs no new offer. */
  async start(tracks: OwnTracks): Promise<void> {
    for (const source of sources) {
      const what = tracks[source] ?? (source === 'microphone' ? 'audio' : 'video');
      const transceiver = this.pc.addTransceiver(what, { direction: 'sendonly' });
      this.senders.set(source, transceiver.sender);
    }
    const offer = await this.pc.createOffer();
    await this.pc.setLocalDescription(offer);
    const answer = await this.options.publish(this.pc.localDescription?.sdp ?? '', this.mids());
    await this.pc.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
    await this.cap();
  }

  async replace(source: Source, track: MediaStreamTrack | null): Promise<void> {
    await this.senders.get(source)?.replaceTrack(track);
  }

  close(): void {
    this.path.close();
  }

  private mids(): Record<string, Source> {
    const found: Record<string, Source> = {};
    this.pc.getTransceivers().forEach(({ mid, sender }) => {
      const source = sources.find((each) => this.senders.get(each) === sender);
      if (mid !== null && source) found[mid] = source;
    });
    return found;
  }

  private async cap(): Promise<void> {
    const sender = this.senders.get('camera');
    const parameters = sender?.getParameters();
    const encoding = parameters?.encodings[0];
    if (!sender || !parameters || !encoding) return;
    encoding.maxBitrate = this.options.capBps;
    await sender.setParameters(parameters);
  }
}

/** The ICE user name fragment that a description carries first. */
export function iceFragment(sdp: string): string | null {
  return /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1] ?? null;
}

export interface SubscriberOptions {
  answer: (version: number, sdp: string) => Promise<unknown>;
  changed: () => void;
  failed: () => void;
}

interface Heard {
  timestamp: number;
  level: number;
}

export class Subscriber {
  pc: RTCPeerConnection | null = null;
  streams: readonly Stream[] = [];
  private path: Path | null = null;
  private fragment: string | null = null;
  private queue: Promise<void> = Promise.resolve();
  private heard = new Map<string, Heard>();
  private closed = false;

  constructor(private readonly options: SubscriberOptions) {}

  get state(): PathState {
    return this.path?.state ?? 'new';
  }

  /** Answers in the order of the offers; one with another ICE fragment is another transport. */
  take(offer: SubscribeOffer): Promise<void> {
    this.queue = this.queue.then(() => this.negotiate(offer)).catch(() => this.options.failed());
    return this.queue;
  }

  /** The server routes other tracks to the same places; nothing is negotiated. */
  setStreams(streams: readonly Stream[]): void {
    this.streams = streams;
    this.options.changed();
  }

  /** What arrives of this endpoint's source; null when nothing is routed here. */
  track(endpoint: EndpointId, kind: 'audio' | 'video'): MediaStreamTrack | null {
    const stream = this.streams.find((each) => each.endpoint === endpoint && each.kind === kind && each.track !== null);
    return stream ? (this.receiver(stream.mid)?.track ?? null) : null;
  }

  /** Every incoming sound, heard or not: the places stay while the routes change. */
  sounds(): MediaStreamTrack[] {
    const receivers = this.pc ? this.pc.getReceivers() : [];
    return receivers.map(({ track }) => track).filter(({ kind }) => kind === 'audio');
  }

  /** Loudness 0..1 of each endpoint now, from the packets' own header (RFC 6464). */
  levels(): Map<EndpointId, number> {
    const found = new Map<EndpointId, number>();
    this.streams.forEach(({ kind, endpoint, mid }) => {
      if (kind !== 'audio' || endpoint === null) return;
      found.set(endpoint, this.level(mid));
    });
    return found;
  }

  close(): void {
    this.closed = true;
    this.path?.close();
  }

  private level(mid: string): number {
    const source = this.receiver(mid)?.getSynchronizationSources()[0];
    if (!source) return 0;
    const before = this.heard.get(mid);
    this.heard.set(mid, { timestamp: source.timestamp, level: source.audioLevel ?? 0 });
    // An unchanged time means that no packet came since: silence, whatever the last level was.
    return before?.timestamp === source.timestamp ? 0 : (source.audioLevel ?? 0);
  }

  private receiver(mid: string): RTCRtpReceiver | null {
    return this.pc?.getTransceivers().find((each) => each.mid === mid)?.receiver ?? null;
  }

  private async negotiate(offer: SubscribeOffer): Promise<void> {
    if (this.closed) return;
    const pc = this.transport(iceFragment(offer.sdp));
    await pc.setRemoteDescription({ type: 'offer', sdp: offer.sdp });
    await pc.setLocalDescription(await pc.createAnswer());
    this.streams = offer.streams;
    this.options.changed();
    // A refused answer was overtaken by another offer, a lost one is asked for again.
    await this.options.answer(offer.version, pc.localDescription?.sdp ?? '').catch(() => undefined);
  }

  private transport(fragment: string | null): RTCPeerConnection {
    if (this.pc && this.fragment === fragment) return this.pc;
    this.path?.close();
    this.fragment = fragment;
    this.pc = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' });
    this.path = new Path(this.pc, this.options.changed, this.options.failed);
    return this.pc;
  }
}
