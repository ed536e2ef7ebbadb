import { describe, expect, it } from 'vitest';

import { apply, fromSnapshot } from '../../src/client/state';
import type { FeedItem } from '../../src/client/wire';
import { acknowledged, all, completed, drafted, frozen, hash, signed, wireDocument } from '../agreements';
import { item, room, snapshot } from '../rooms';

function after(...items: FeedItem[]): ReturnType<typeof room> {
  return items.reduce(apply, room());
}

describe('a document', () => {
  it('is drafted, and drafted anew as the next version of the same one', () => {
    const state = after(drafted(), drafted(2));
    expect(state.documents).toHaveLength(1);
    expect(state.documents[0]).toMatchObject({ version: 2, state: 'draft', hash: null, signers: [] });
  });

  it('stands once it is frozen, with its signers in their order and nothing given', () => {
    const [document] = after(drafted(), frozen()).documents;
    expect(document).toMatchObject({ state: 'frozen', hash, frozen_us: 4_000_000, pdf: null });
    expect(document?.signers.map(({ seat, acknowledged: given, signed_at_us }) => [seat, given, signed_at_us])).toEqual([
      ['father', [], null],
      ['host', [], null],
    ]);
  });

  it('takes each acknowledgement once, in order, with its time', () => {
    const [document] = after(drafted(), frozen(), acknowledged('father', 2), acknowledged('father', 1, 5_500_000), acknowledged('father', 2)).documents;
    expect(document?.signers[0]).toMatchObject({ acknowledged: [1, 2], acknowledged_us: { 1: 5_500_000, 2: 5_000_000 } });
    expect(document?.signers[1]?.acknowledged).toEqual([]);
  });

  it('is signed at a moment of the recording, or of none', () => {
    const [document] = after(drafted(), frozen(), signed('father'), signed('host', null)).documents;
    expect(document?.signers).toMatchObject([
      { signed_at_us: 6_000_000, signed_r_us: 61_300_000, by_companion: false, ink: 'documents/document/1/father.json' },
      { signed_at_us: 6_000_000, signed_r_us: null },
    ]);
  });

  it('loses what was given when it is taken back or edited', () => {
    const given = [drafted(), frozen(), ...all('father'), signed('father')];
    const reopened = item('documents:version:reopened', { document: 'document', version: 1, by: 'host' });
    expect(after(...given, reopened).documents[0]).toMatchObject({ state: 'draft', hash: null, signers: [], frozen_us: null });
    expect(after(...given, reopened, drafted(2), frozen(2)).documents[0]?.signers[0]).toMatchObject({ acknowledged: [], signed_at_us: null });
  });

  it('is completed, and has its paper when that is made', () => {
    const made = item('documents:document:rendered', { document: 'document', version: 1, pdf_hash: hash, bytes: 9 });
    expect(after(drafted(), frozen(), completed).documents[0]).toMatchObject({ state: 'completed', pdf: null });
    expect(after(drafted(), frozen(), completed, made).documents[0]?.pdf).toBe('documents/document/1.pdf');
  });

  it('is what the snapshot says; times that this page has witnessed are kept for the same version', () => {
    const witnessed = after(drafted(), frozen(), acknowledged('father', 1));
    const signer = { seat: 'father', acknowledged: [1], signed_at_us: null, signed_r_us: null, by_companion: null, ink: null };
    const told = (version: number): ReturnType<typeof snapshot> =>
      snapshot({ documents: [wireDocument({ version, state: 'frozen', hash, signers: [signer] })] });
    expect(fromSnapshot(told(1), witnessed).documents[0]).toMatchObject({ frozen_us: 4_000_000, signers: [{ acknowledged_us: { 1: 5_000_000 } }] });
    expect(fromSnapshot(told(2), witnessed).documents[0]).toMatchObject({ frozen_us: null, signers: [{ acknowledged_us: {} }] });
    expect(fromSnapshot(snapshot(), witnessed).documents).toEqual([]);
  });
});

describe('a companion', () => {
  const issued = (companion: string): FeedItem => item('documents:companion:issued', { companion, seat: 'father', expires_at_us: 9 });

  it('is opened and ends', () => {
    const opened = after(issued('a'), item('documents:companion:opened', { companion: 'a', seat: 'father' }));
    expect(opened.companions.father).toEqual({ companion: 'a', expires_at_us: 9, state: 'opened' });
    expect(apply(opened, item('documents:companion:ended', { companion: 'a', seat: 'father', reason: 'used' })).companions.father?.state).toBe('used');
  });

  it('that was replaced ends without touching the newer one', () => {
    const state = after(issued('a'), issued('b'), item('documents:companion:ended', { companion: 'a', seat: 'father', reason: 'withdrawn' }));
    expect(state.companions.father).toMatchObject({ companion: 'b', state: 'issued' });
  });
});
