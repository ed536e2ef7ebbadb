// The messages of docs/protocol.md, as the page sees them. Instants are UTC epoch microseconds
// (`*_us`), positions in the recording are microseconds of the recording time R (`r_us`).

export type SessionId = string;
export type SeatId = string;
export type EndpointId = string;
export type TrackId = string;

export type Source = 'microphone' | 'camera';
export type Kind = 'audio' | 'video';
export type Muted = Record<Source, boolean>;
export type Layout = 'grid' | 'focus';
export type SessionStage = 'scheduled' | 'open' | 'paused' | 'closed';
export type PauseReason = 'host_lost' | 'host' | 'server_restarted';
export type RecordingStage = 'off' | 'on' | 'paused' | 'failed';
export type RecordingFault = 'writer_died' | 'writer_stalled' | 'disk_full';
export type RecordAction = 'start' | 'pause' | 'resume' | 'stop';
export type SessionAction = 'pause' | 'resume';

export interface WireTrack {
  track: TrackId;
  source: Source;
  kind: Kind;
}

export interface WireSeat {
  seat: SeatId;
  name: string;
  role: string;
  /** What a party is in the case (applicant, respondent), where the case says so. */
  standing: string | null;
  unit: string;
  endpoint: EndpointId | null;
  beside: SeatId | null;
}

export interface WireEndpoint {
  endpoint: EndpointId;
  seats: SeatId[];
  device: string;
  line: 'online' | 'lost';
  since_us: number;
  muted: Muted;
  tracks: WireTrack[];
}

export interface Snapshot {
  session: {
    id: SessionId;
    title: string;
    case_number: string | null;
    track: string | null;
    state: SessionStage;
    host_seat: SeatId;
    dial_number: string;
    opened_us: number | null;
    pause_reason: PauseReason | null;
  };
  recording: {
    state: RecordingStage;
    r_us: number | null;
    reason: RecordingFault | null;
    since_us: number | null;
  };
  seats: WireSeat[];
  endpoints: WireEndpoint[];
  you: {
    seats: SeatId[];
    endpoint: EndpointId;
    role: string;
    layout: Layout;
    focus: SeatId | null;
    can: string[];
  };
  now_us: number;
  documents?: WireDocument[];
}

export interface Welcome {
  epoch: string;
  endpoint: EndpointId;
  key: string;
  seats: SeatId[];
  feed: number;
  snapshot: Snapshot;
  media: { video_cap_bps: number };
  missed?: FeedItem[];
}

/** What each kind of event carries; other kinds may come and are passed over. */
export interface EventData extends DocumentEventData {
  'room:session:created': Record<string, unknown>;
  'server:epoch:started': {
    epoch: string;
    previous_epoch: string | null;
    recording_ended_r_us: number | null;
  };
  'room:session:opened': object;
  'room:session:paused': { reason: PauseReason };
  'room:session:resumed': object;
  'room:session:closed': object;
  'room:endpoint:joined': { endpoint: EndpointId; seats: SeatId[]; device: string };
  'room:endpoint:replaced': { endpoint: EndpointId; by: EndpointId };
  'room:endpoint:left': { endpoint: EndpointId; reason: 'left' | 'expired' | 'closed' };
  'room:endpoint:lost': { endpoint: EndpointId };
  'room:endpoint:restored': { endpoint: EndpointId };
  'media:track:published': WireTrack & { endpoint: EndpointId };
  'media:track:ended': WireTrack & { endpoint: EndpointId };
  'room:mute:set': { endpoint: EndpointId; source: Source; muted: boolean; by: SeatId | null };
  'room:layout:set': { seat: SeatId; layout: Layout; focus: SeatId | null };
  'recording:session:started': { take: string };
  'recording:session:paused': {
    take: string;
    reason: 'host' | 'host_lost' | 'session_paused' | 'server_restarted';
  };
  'recording:session:resumed': { take: string };
  'recording:session:stopped': { take: string };
  'recording:writer:failed': { reason: RecordingFault; since_us: number };
  'recording:writer:restored': { since_us: number; take: string };
  'recording:gap:noted': {
    track: TrackId | null;
    from_r_us: number;
    to_r_us: number;
    reason: string;
    packets: number;
  };
}

export type EventKind = keyof EventData;

interface FeedItemOf<K extends EventKind> {
  n: number;
  kind: K;
  wall_us: number;
  r_us: number | null;
  data: EventData[K];
}

export type FeedItem = { [K in EventKind]: FeedItemOf<K> }[EventKind];

export interface Stream {
  mid: string;
  kind: Kind;
  track: TrackId | null;
  endpoint: EndpointId | null;
  source: Source | null;
}

export interface SubscribeOffer {
  version: number;
  sdp: string;
  /** It belongs to a new peer connection of the server's. */
  fresh: boolean;
  streams: Stream[];
}

export interface PublishAnswer {
  sdp: string;
  tracks: { track: TrackId; mid: string; source: Source; kind: Kind }[];
}

export interface Presence {
  endpoints: Record<EndpointId, { socket: boolean; media: boolean }>;
}

export interface RecordingStatus {
  state: RecordingStage;
  writing: boolean;
  written_r_us: number | null;
  free_bytes: number | null;
}

export interface WireError {
  code: string;
  message?: string;
  params?: Record<string, string | number>;
}

export type Ack<T> = ({ ok: true } & T) | { ok: false; error: WireError };

/** GET /u/{login}/api/me */
export interface Me {
  person: { name: string; role: string; standing: string | null; unit: string };
  session: {
    id: SessionId;
    title: string;
    case_number: string | null;
    state: SessionStage;
    host_name: string;
    scheduled_at_us: number | null;
  };
  seat: SeatId;
  beside: string[];
  /** There is a recording that the person may open. */
  recordings: boolean;
}

// --- documents

export type DocumentId = string;

/** `agreement/1`: the whole text that is frozen, hashed and signed. */
export interface AgreementContent {
  format: string;
  title: string;
  number: string;
  date: string;
  place: string;
  parties: { seat: SeatId; name: string; role: string; id_masked?: string; address?: string }[];
  facts: string;
  clauses: { n: number; text: string }[];
  method: string;
  mediator: { seat: SeatId; name: string; unit: string };
  committee: string;
  copies: number;
}

/** What the host fills in; amounts in fen, names in braces stand for them in the texts. */
export interface AgreementFields {
  number?: string;
  date?: string;
  place?: string;
  facts?: string;
  clauses?: string[];
  amounts?: Record<string, number>;
  dates?: Record<string, string>;
  method?: string;
  committee?: string;
  copies?: number;
  parties?: Record<SeatId, { id_masked?: string; address?: string }>;
}

export interface WireSigner {
  seat: SeatId;
  acknowledged: number[];
  signed_at_us: number | null;
  /** Null with a signature: nothing was recorded at that moment. */
  signed_r_us: number | null;
  by_companion: boolean | null;
  /** Where the drawing is, below the login's path. */
  ink: string | null;
}

export interface WireDocument {
  document: DocumentId;
  version: number;
  state: 'draft' | 'frozen' | 'completed';
  hash: string | null;
  content: AgreementContent;
  signers: WireSigner[];
  pdf: string | null;
  fields: AgreementFields;
}

/** A point is [ms since the stroke's first point, x, y, pressure]; x and y in CSS px of the pad. */
export type InkPoint = [number, number, number, number];

export interface Strokes {
  width: number;
  height: number;
  dpr: number;
  pointer_type: 'pen' | 'touch' | 'mouse';
  strokes: InkPoint[][];
}

export interface CompanionTicket {
  url: string;
  svg: string;
  expires_at_us: number;
  hash_prefix: string;
  /** Only this machine can open the address. */
  only_here: boolean;
}

export interface Signed {
  signed_at_us: number;
  signed_r_us: number | null;
}

export type CompanionEnd = 'used' | 'expired' | 'withdrawn';

export interface CompanionWelcome {
  seat: WireSeat;
  session_title: string;
  document: WireDocument;
  hash_prefix: string;
  expires_at_us: number;
  recording: Snapshot['recording'];
  now_us: number;
}

interface OfVersion {
  document: DocumentId;
  version: number;
}

export interface DocumentEventData {
  'documents:draft:saved': OfVersion & {
    template: string;
    title: string;
    content: AgreementContent;
    fields: AgreementFields;
  };
  'documents:version:frozen': OfVersion & { hash: string; signers: SeatId[] };
  'documents:version:reopened': OfVersion & { by: SeatId };
  'documents:clause:acknowledged': OfVersion & { hash: string; seat: SeatId; clause: number };
  'documents:signature:given': OfVersion & { hash: string; seat: SeatId; by_companion: boolean };
  'documents:document:completed': OfVersion & { hash: string };
  'documents:document:rendered': OfVersion & { pdf_hash: string; bytes: number };
  'documents:companion:issued': { companion: string; seat: SeatId; expires_at_us: number };
  'documents:companion:opened': { companion: string; seat: SeatId };
  'documents:companion:ended': { companion: string; seat: SeatId; reason: CompanionEnd };
}
