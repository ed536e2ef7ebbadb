// What is to be read, acknowledged and signed, drawn from the room's state. Pure.

import type { DocumentState, SignerState } from '../../client/documents';
import type { RoomState } from '../../client/state';
import type { AgreementFields } from '../../client/wire';
import { isHost } from '../model';

/** What this person does with the document now. */
export type Face = 'draft' | 'round' | 'read' | 'sign' | 'watch' | 'waiting';

export type SignBlock = 'clauses' | 'signs_last' | 'recording_paused' | 'session_paused' | 'not_open';

export function currentDocument(room: RoomState): DocumentState | null {
  return room.documents[room.documents.length - 1] ?? null;
}

export function ownSigner(room: RoomState, document: DocumentState | null): SignerState | null {
  return document?.signers.find(({ seat }) => seat === room.you.seats[0]) ?? null;
}

export function hasSigned({ signed_at_us }: SignerState): boolean {
  return signed_at_us !== null;
}

export function allRead(document: DocumentState, signer: SignerState): boolean {
  return signer.acknowledged.length >= document.content.clauses.length;
}

export function faceOf(room: RoomState): Face {
  const document = currentDocument(room);
  const host = isHost(room);
  if (!document || document.state === 'draft') return host ? 'draft' : 'waiting';
  if (host) return 'round';
  const own = ownSigner(room, document);
  if (!own || hasSigned(own)) return 'watch';
  return allRead(document, own) ? 'sign' : 'read';
}

/** The first clause that this signer has not acknowledged; null when there is none. */
export function nextClause(document: DocumentState, signer: SignerState): number | null {
  return document.content.clauses.find(({ n }) => !signer.acknowledged.includes(n))?.n ?? null;
}

/** Acknowledgements and signatures that are missing. */
export function missing(document: DocumentState): { clauses: number; signatures: number } {
  const all = document.content.clauses.length;
  return {
    clauses: document.signers.reduce((sum, { acknowledged }) => sum + Math.max(0, all - acknowledged.length), 0),
    signatures: document.signers.filter((signer) => !hasSigned(signer)).length,
  };
}

/** The rules of signing, as the server has them; it has the last word. */
export function signBlock(room: RoomState, document: DocumentState, signer: SignerState): SignBlock | null {
  if (room.session.state === 'paused') return 'session_paused';
  if (room.session.state !== 'open') return 'not_open';
  if (!allRead(document, signer)) return 'clauses';
  if (room.recording.state === 'paused') return 'recording_paused';
  const last = document.signers[document.signers.length - 1];
  const others = document.signers.filter(({ seat }) => seat !== signer.seat);
  return last?.seat === signer.seat && !others.every(hasSigned) ? 'signs_last' : null;
}

/** Twelve hex digits in three groups: short enough to be compared by eye. */
export function fingerprint(hash: string): string {
  return [0, 4, 8].map((at) => hash.slice(at, at + 4).toUpperCase()).join(' ');
}

const digits = ['', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

/** The number of a clause as the document itself writes it, 1 to 99. */
export function numeral(n: number): string {
  const tens = Math.floor(n / 10);
  const ten = tens === 0 ? '' : `${tens === 1 ? '' : (digits[tens] ?? '')}十`;
  return `${ten}${digits[n % 10] ?? ''}`;
}

/** Yuan with two decimals and separators, of an amount in fen. */
export function yuan(fen: number): string {
  const [whole = '0', rest = '00'] = (fen / 100).toFixed(2).split('.');
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${rest}`;
}

/** Names that stand in braces in a text, in their order. */
export function namesIn(text: string): string[] {
  return Array.from(text.matchAll(/\{([^{}]*)\}/g), (match) => match[1] ?? '');
}

/** The amounts that clause `n` speaks of, where there are several to add up in the head. */
export function amountsIn(fields: AgreementFields, n: number): { name: string; fen: number }[] {
  const { amounts = {}, clauses = [] } = fields;
  const names = namesIn(clauses[n - 1] ?? '').filter((name) => name in amounts);
  if (names.length < 2) return [];
  const rows = Array.from(new Set(names)).map((name) => ({ name, fen: amounts[name] ?? 0 }));
  const sum = rows.reduce((all, { fen }) => all + fen, 0);
  return amounts.total === sum && !names.includes('total') ? [...rows, { name: 'total', fen: sum }] : rows;
}
