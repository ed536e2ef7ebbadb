// How good a line is, from what getStats counts. Pure but for the reading itself.

export type Quality = 'good' | 'weak' | 'lost' | 'unknown';

/** Running totals of one direction of one connection. */
export interface Totals {
  received: number;
  lost: number;
  /** Seconds for a packet to go and come back; null when not known. */
  roundTrip: number | null;
}

const weakLoss = 0.08;
const weakRoundTrip = 0.6;

/** The line between two readings of the totals. */
export function judgeLine(before: Totals | undefined, now: Totals): Quality {
  if (!before) return 'unknown';
  const received = now.received - before.received;
  const lost = Math.max(0, now.lost - before.lost);
  if (received + lost <= 0) return 'unknown';
  const weak = lost / (received + lost) > weakLoss || (now.roundTrip ?? 0) > weakRoundTrip;
  return weak ? 'weak' : 'good';
}

interface Row {
  type: string;
  kind?: string;
  mid?: string;
  trackIdentifier?: string;
  packetsReceived?: number;
  packetsLost?: number;
  packetsSent?: number;
  currentRoundTripTime?: number;
  nominated?: boolean;
}

async function rows(pc: RTCPeerConnection): Promise<Row[]> {
  const found: Row[] = [];
  (await pc.getStats()).forEach((row) => found.push(row as Row));
  return found;
}

function roundTripOf(all: readonly Row[]): number | null {
  const pair = all.find((row) => row.type === 'candidate-pair' && row.nominated === true);
  return pair?.currentRoundTripTime ?? null;
}

/** What arrives, by the receiver's track: identifier of the track → totals. */
export async function readIncoming(pc: RTCPeerConnection): Promise<Map<string, Totals>> {
  const all = await rows(pc);
  const roundTrip = roundTripOf(all);
  const found = new Map<string, Totals>();
  all.forEach((row) => {
    if (row.type !== 'inbound-rtp' || row.trackIdentifier === undefined) return;
    found.set(row.trackIdentifier, { received: row.packetsReceived ?? 0, lost: row.packetsLost ?? 0, roundTrip });
  });
  return found;
}

/** What the server says of our own packets, all sources together. */
export async function readOutgoing(pc: RTCPeerConnection): Promise<Totals> {
  const all = await rows(pc);
  const sum = (type: string, key: 'packetsSent' | 'packetsLost'): number =>
    all.filter((row) => row.type === type).reduce((total, row) => total + (row[key] ?? 0), 0);
  const lost = sum('remote-inbound-rtp', 'packetsLost');
  return { received: sum('outbound-rtp', 'packetsSent') - lost, lost, roundTrip: roundTripOf(all) };
}
