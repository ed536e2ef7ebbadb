// One person's presence in one session: signaling, state and media together, for any page.

import { SpeakingDetector } from './levels';
import type { Chosen } from './devices';
import { captureOne } from './devices';
import { Lines } from './lines';
import { CommandRefused, Connection, type Phase } from './protocol';
import { type OwnTracks, Publisher, Subscriber } from './rtc';
import type { OpenWire } from './socket';
import { apply, fromSnapshot, type RoomState } from './state';
import type { TicketStore } from './ticket';
import type {
  EndpointId,
  FeedItem,
  Layout,
  Muted,
  Presence,
  PublishAnswer,
  RecordAction,
  RecordingStatus,
  SeatId,
  SessionAction,
  Source,
  TrackId,
  Welcome,
} from './wire';

export interface ConferenceOptions {
  login: string;
  locale: () => string;
  open: OpenWire;
  store: TicketStore;
  /** Something that is shown may have changed. */
  changed: () => void;
  /** New items of the feed; `late` when they happened while this page was away. */
  news: (items: FeedItem[], late: boolean) => void;
}

const republishAfter = 2000;
const rebuildAfter = 1000;
const rebuildSpread = 300;

export class Conference {
  room: RoomState | null = null;
  epoch: string | null = null;
  presence: Presence['endpoints'] = {};
  /** The writer's last word, and when it came (ms of the page's own clock). */
  recording: { status: RecordingStatus; at: number } | null = null;
  /** Server time minus the page's, ms. */
  clockOffset = 0;
  muted: Muted = { microphone: false, camera: false };
  own: OwnTracks = { microphone: null, camera: null };
  speaking: ReadonlySet<EndpointId> = new Set();
  /** Media found no way for ten seconds, and none since; the page goes on trying. */
  blocked = false;
  publisher: Publisher | null = null;
  subscriber: Subscriber | null = null;
  readonly lines: Lines;
  readonly connection: Connection;

  private built = '';
  private published = false;
  /** The server's offers belong to an RTCPeerConnection that is gone; the next one is to be new. */
  private fresh = false;
  private capBps = 0;
  private wanted: TrackId[] | null = null;
  private readonly detectors = new Map<EndpointId, SpeakingDetector>();
  private readonly timers: ReturnType<typeof setInterval>[] = [];
  private publishTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: ConferenceOptions) {
    this.lines = new Lines(options.changed);
    this.connection = new Connection({
      login: options.login,
      locale: options.locale,
      open: options.open,
      store: options.store,
      listener: {
        phase: () => this.phaseChanged(),
        welcome: (welcome, missed) => this.welcome(welcome, missed),
        event: (item) => this.event(item),
        offer: (offer) => void this.subscriber?.take(offer),
        streams: (streams) => this.subscriber?.setStreams(streams),
        presence: ({ endpoints }) => this.show(() => (this.presence = endpoints)),
        recordingStatus: (status) => this.show(() => (this.recording = { status, at: Date.now() })),
      },
    });
  }

  get phase(): Phase {
    return this.connection.phase;
  }

  get feed(): number {
    return this.connection.last;
  }

  /** Sit down with these devices; `again` goes on after a reload, when there is where to go on. */
  enter(own: OwnTracks, muted: Muted, again: boolean): void {
    this.own = own;
    this.muted = { microphone: muted.microphone || !own.microphone, camera: muted.camera || !own.camera };
    this.enable();
    if (this.timers.length === 0) {
      this.timers.push(setInterval(() => this.listen(), 100));
      this.timers.push(setInterval(() => void this.lines.read(this.publisher, this.subscriber), 2000));
    }
    if (!again || !this.connection.resume(this.muted)) this.connection.join(this.muted);
  }

  async setMuted(source: Source, muted: boolean): Promise<void> {
    const before = this.muted;
    this.muted = { ...before, [source]: muted };
    this.enable();
    this.options.changed();
    try {
      await this.connection.command('mute', { source, muted });
    } catch (error) {
      // A refused unmute must not look like one; a refused mute stays silent all the same.
      if (!muted) {
        this.muted = { ...this.muted, [source]: true };
        this.enable();
        this.options.changed();
      }
      throw error;
    }
  }

  /** Another camera or microphone while running; the old one stays when the new gives nothing. */
  async changeDevice(source: Source, chosen: Chosen): Promise<void> {
    const { track, fault } = await captureOne(source, chosen[source]);
    if (!track) throw new CommandRefused({ code: `device_${fault ?? 'broken'}` });
    this.own[source]?.stop();
    this.own = { ...this.own, [source]: track };
    this.enable();
    await this.publisher?.replace(source, track);
    this.options.changed();
  }

  /** The device is gone (unplugged): nothing is sent, and everybody sees why. */
  async dropDevice(source: Source): Promise<void> {
    this.own = { ...this.own, [source]: null };
    await this.publisher?.replace(source, null);
    await this.setMuted(source, true);
  }

  record(action: RecordAction): Promise<unknown> {
    return this.connection.command('record', { action });
  }

  session(action: SessionAction): Promise<unknown> {
    return this.connection.command('session', { action });
  }

  setLayout(layout: Layout, focus: SeatId | null): Promise<unknown> {
    return this.connection.command('layout', { layout, focus });
  }

  /** Video tracks that are on the screen; null: all. */
  want(tracks: TrackId[] | null): void {
    if (JSON.stringify(tracks) === JSON.stringify(this.wanted)) return;
    this.wanted = tracks;
    this.ask();
  }

  /** The person wants both peer connections to be made anew. */
  retryMedia(): void {
    this.blocked = false;
    this.rebuild(0);
    this.options.changed();
  }

  async leave(): Promise<void> {
    await this.connection.leave();
    this.dispose();
  }

  dispose(): void {
    this.timers.forEach(clearInterval);
    this.timers.length = 0;
    this.tearDown();
    (['microphone', 'camera'] as const).forEach((source) => this.own[source]?.stop());
    this.own = { microphone: null, camera: null };
    this.options.changed();
  }

  private show(change: () => void): void {
    change();
    this.options.changed();
  }

  private phaseChanged(): void {
    const { name } = this.phase;
    // What the writer said last is no longer known to be true.
    if (name !== 'live') this.recording = null;
    if (name === 'replaced' || name === 'ended' || name === 'refused') this.dispose();
    else this.options.changed();
  }

  private welcome(welcome: Welcome, missed: FeedItem[]): void {
    this.clockOffset = welcome.snapshot.now_us / 1000 - Date.now();
    // The snapshot is the truth; what was missed tells what became of it (gaps, a restart).
    const before = missed.reduce((room, item) => room && apply(room, item), this.room);
    this.room = fromSnapshot(welcome.snapshot, before);
    this.epoch = welcome.epoch;
    this.capBps = welcome.media.video_cap_bps;
    this.adoptMuted(welcome.endpoint);
    const key = `${welcome.epoch}/${welcome.endpoint}`;
    if (key !== this.built) this.build(this.built === '' ? 0 : Math.random() * rebuildSpread);
    else if (!this.published) this.publishSoon(0);
    this.built = key;
    if (this.wanted || this.fresh) this.ask();
    this.options.news(missed, true);
    this.options.changed();
  }

  private event(item: FeedItem): void {
    // Told before it is applied: who leaves is still known by name.
    this.options.news([item], false);
    if (this.room) this.room = apply(this.room, item);
    this.options.changed();
  }

  /** After a resume the server's word on mute holds, except that no device means mute. */
  private adoptMuted(id: EndpointId): void {
    const there = this.room?.endpoints.find(({ endpoint }) => endpoint === id)?.muted;
    if (!there) return;
    (['microphone', 'camera'] as const).forEach((source) => {
      const muted = there[source] || !this.own[source];
      this.muted = { ...this.muted, [source]: muted };
      if (muted !== there[source]) void this.connection.command('mute', { source, muted }).catch(() => undefined);
    });
    this.enable();
  }

  private enable(): void {
    (['microphone', 'camera'] as const).forEach((source) => {
      const track = this.own[source];
      if (track) track.enabled = !this.muted[source];
    });
  }

  private build(delay: number): void {
    this.closeMedia();
    this.fresh = true;
    this.subscriber = new Subscriber({
      answer: (version, sdp) => this.connection.request('subscribe_answer', { version, sdp }),
      changed: () => this.followPaths(),
      failed: () => this.rebuild(rebuildAfter),
    });
    this.publishSoon(delay);
  }

  private rebuild(delay: number): void {
    this.build(delay);
    this.ask();
  }

  private followPaths(): void {
    const states = [this.publisher?.state, this.subscriber?.pc ? this.subscriber.state : 'connected'];
    if (states.includes('blocked')) this.blocked = true;
    else if (states.every((state) => state === 'connected')) this.blocked = false;
    this.options.changed();
  }

  private publishSoon(delay: number): void {
    clearTimeout(this.publishTimer);
    this.published = false;
    this.publishTimer = setTimeout(() => void this.publish(), delay);
  }

  private async publish(): Promise<void> {
    this.publisher?.close();
    const publisher = new Publisher({
      publish: (sdp, sources) => this.connection.request<PublishAnswer>('publish', { sdp, sources }),
      capBps: this.capBps,
      changed: () => this.followPaths(),
      failed: () => this.publishSoon(0),
    });
    this.publisher = publisher;
    try {
      await publisher.start(this.own);
      this.published = true;
    } catch {
      // Without a socket the next welcome publishes; with one, the server is asked again.
      if (this.publisher === publisher && this.phase.name === 'live') this.publishSoon(republishAfter);
    }
    this.options.changed();
  }

  private ask(): void {
    if (this.phase.name !== 'live') return;
    const { fresh } = this;
    this.fresh = false;
    this.connection.request('subscribe', { tracks: this.wanted, fresh }).catch(() => {
      this.fresh = this.fresh || fresh;
    });
  }

  private tearDown(): void {
    this.closeMedia();
    this.built = '';
  }

  private closeMedia(): void {
    clearTimeout(this.publishTimer);
    this.publisher?.close();
    this.subscriber?.close();
    this.publisher = null;
    this.subscriber = null;
    this.published = false;
  }

  private listen(): void {
    const levels = this.subscriber?.levels();
    if (!levels) return;
    let moved = false;
    levels.forEach((level, endpoint) => {
      const detector = this.detectors.get(endpoint) ?? new SpeakingDetector();
      this.detectors.set(endpoint, detector);
      if (detector.feed(level, performance.now())) moved = true;
    });
    if (!moved) return;
    const now = Array.from(levels.keys()).filter((endpoint) => this.detectors.get(endpoint)?.speaking);
    this.show(() => (this.speaking = new Set(now)));
  }
}
