// A session's documents as a page knows them: a snapshot, then each item of the feed. Pure.

import type { CompanionEnd, DocumentEventData, DocumentId, FeedItem, SeatId, WireDocument, WireSigner } from './wire';

export interface SignerState extends WireSigner {
  /** When a clause was acknowledged, UTC µs; only of those that this page has witnessed. */
  readonly acknowledged_us: Readonly<Record<number, number>>;
}

export interface DocumentState extends Omit<WireDocument, 'signers'> {
  readonly signers: readonly SignerState[];
  /** UTC µs, where this page has witnessed it. */
  readonly frozen_us: number | null;
}

export interface CompanionState {
  readonly companion: string;
  readonly state: 'issued' | 'opened' | CompanionEnd;
  readonly expires_at_us: number;
}

export interface DocumentsPart {
  readonly documents: readonly DocumentState[];
  /** The newest companion of each seat whose companions this seat may know of. */
  readonly companions: Readonly<Record<SeatId, CompanionState>>;
}

/** What the snapshot does not tell is kept from `known`. */
export function documentsFrom(documents: readonly WireDocument[], known: DocumentsPart | null): DocumentsPart {
  return {
    documents: documents.map((each) => {
      const before = known?.documents.find(({ document, version }) => document === each.document && version === each.version);
      return {
        ...each,
        frozen_us: before?.frozen_us ?? null,
        signers: each.signers.map((signer) => ({
          ...signer,
          acknowledged_us: before?.signers.find(({ seat }) => seat === signer.seat)?.acknowledged_us ?? {},
        })),
      };
    }),
    companions: known ? known.companions : {},
  };
}

/** The state after one item; any that is not about documents changes nothing. */
export function applyDocument<S extends DocumentsPart>(state: S, item: FeedItem): S {
  const step = steps[item.kind as Kind] as ((state: DocumentsPart, item: FeedItem) => Partial<DocumentsPart>) | undefined;
  return step ? { ...state, ...step(state, item) } : state;
}

type Kind = keyof DocumentEventData;
type Steps = {
  [K in Kind]: (state: DocumentsPart, item: Extract<FeedItem, { kind: K }>) => Partial<DocumentsPart>;
};

const steps: Steps = {
  'documents:draft:saved': ({ documents }, { data: { document, version, content, fields } }) => {
    const draft: DocumentState = {
      document, version, content, fields, state: 'draft', hash: null, signers: [], pdf: null, frozen_us: null,
    };
    return { documents: [...documents.filter((old) => old.document !== document), draft] };
  },
  'documents:version:frozen': (state, { data, wall_us }) =>
    change(state, data.document, () => ({ state: 'frozen', hash: data.hash, frozen_us: wall_us, signers: data.signers.map(unsigned) })),
  'documents:version:reopened': (state, { data }) =>
    change(state, data.document, () => ({ state: 'draft', hash: null, frozen_us: null, signers: [] })),
  'documents:clause:acknowledged': (state, { data: { document, seat, clause }, wall_us }) =>
    signer(state, document, seat, (old) => ({
      acknowledged: [...old.acknowledged.filter((n) => n !== clause), clause].sort((a, b) => a - b),
      acknowledged_us: { ...old.acknowledged_us, [clause]: wall_us },
    })),
  'documents:signature:given': (state, { data: { document, version, seat, by_companion }, wall_us, r_us }) =>
    signer(state, document, seat, () => ({
      signed_at_us: wall_us,
      signed_r_us: r_us,
      by_companion,
      ink: `documents/${document}/${version}/${seat}.json`,
    })),
  'documents:document:completed': (state, { data }) => change(state, data.document, () => ({ state: 'completed' })),
  'documents:document:rendered': (state, { data: { document, version } }) =>
    change(state, document, () => ({ pdf: `documents/${document}/${version}.pdf` })),
  'documents:companion:issued': ({ companions }, { data: { companion, seat, expires_at_us } }) => ({
    companions: { ...companions, [seat]: { companion, expires_at_us, state: 'issued' } },
  }),
  'documents:companion:opened': (state, { data }) => companion(state, data, 'opened'),
  'documents:companion:ended': (state, { data }) => companion(state, data, data.reason),
};

function unsigned(seat: SeatId): SignerState {
  return {
    seat, acknowledged: [], acknowledged_us: {}, signed_at_us: null, signed_r_us: null, by_companion: null, ink: null,
  };
}

function change(
  { documents }: DocumentsPart,
  id: DocumentId,
  to: (old: DocumentState) => Partial<DocumentState>,
): Partial<DocumentsPart> {
  return { documents: documents.map((old) => (old.document === id ? { ...old, ...to(old) } : old)) };
}

function signer(
  state: DocumentsPart,
  id: DocumentId,
  seat: SeatId,
  to: (old: SignerState) => Partial<SignerState>,
): Partial<DocumentsPart> {
  return change(state, id, ({ signers }) => ({
    signers: signers.map((old) => (old.seat === seat ? { ...old, ...to(old) } : old)),
  }));
}

/** An older companion of the seat may end after a newer one was issued: that changes nothing here. */
function companion(
  { companions }: DocumentsPart,
  { companion: id, seat }: { companion: string; seat: SeatId },
  state: CompanionState['state'],
): Partial<DocumentsPart> {
  const old = companions[seat];
  return old?.companion === id ? { companions: { ...companions, [seat]: { ...old, state } } } : {};
}
