import { describe, expect, it } from 'vitest';

import { apply } from '../../src/client/state';
import type { FeedItem, Snapshot } from '../../src/client/wire';
import { countdown } from '../../src/live/signing/countdown';
import { faultsOf, fen, fieldsOf, formOf, paragraph, placeOf } from '../../src/live/signing/draft';
import { amountsIn, currentDocument, faceOf, fingerprint, missing, nextClause, numeral, ownSigner, signBlock, yuan } from '../../src/live/signing/model';
import { acknowledged, all, completed, content, drafted, fields, frozen, hash, signed } from '../agreements';
import { item, room, snapshot } from '../rooms';

const father: Partial<Snapshot> = { you: { ...snapshot().you, seats: ['father', 'son'], endpoint: 'e-father' } };
const judge: Partial<Snapshot> = { you: { ...snapshot().you, seats: ['judge'], endpoint: 'e-judge' } };

function after(who: Partial<Snapshot>, ...items: FeedItem[]): ReturnType<typeof room> {
  return items.reduce(apply, room(who));
}

describe('what a person does with the document', () => {
  it('leads the host from the form to the round', () => {
    expect([room(), after({}, drafted()), after({}, drafted(), frozen())].map(faceOf)).toEqual(['draft', 'draft', 'round']);
  });

  it('leads a signer from waiting over reading and signing to looking on', () => {
    const steps = [
      after(father, drafted()),
      after(father, drafted(), frozen(), acknowledged('father', 1)),
      after(father, drafted(), frozen(), ...all('father')),
      after(father, drafted(), frozen(), ...all('father'), signed('father')),
    ];
    expect(steps.map(faceOf)).toEqual(['waiting', 'read', 'sign', 'watch']);
  });

  it('gives a judge nothing to do', () => {
    expect(faceOf(after(judge, drafted(), frozen()))).toBe('watch');
  });
});

describe('signing', () => {
  const block = (who: Partial<Snapshot>, ...items: FeedItem[]): string | null => {
    const state = after(who, drafted(), frozen(), ...items);
    const document = currentDocument(state);
    const own = ownSigner(state, document);
    return document && own ? signBlock(state, document, own) : 'none';
  };

  it('needs every clause', () => {
    expect(block(father, acknowledged('father', 1), acknowledged('father', 3))).toBe('clauses');
    expect(block(father, ...all('father'))).toBeNull();
  });

  it('waits while the session or the recording is paused, not while nothing is recorded', () => {
    const started = item('recording:session:started', { take: 'a' });
    expect(block(father, ...all('father'), started)).toBeNull();
    expect(block(father, ...all('father'), started, item('recording:session:paused', { take: 'a', reason: 'host' }))).toBe('recording_paused');
    expect(block(father, ...all('father'), item('room:session:paused', { reason: 'host' }))).toBe('session_paused');
  });

  it('comes last for the mediator', () => {
    expect(block({}, ...all('host'))).toBe('signs_last');
    expect(block({}, ...all('host'), signed('father'))).toBeNull();
  });

  it('counts what is missing', () => {
    const left = (...items: FeedItem[]): unknown => {
      const document = currentDocument(after({}, drafted(), frozen(), ...items));
      return document && missing(document);
    };
    expect(left()).toEqual({ clauses: 6, signatures: 2 });
    expect(left(...all('father'), signed('father'))).toEqual({ clauses: 3, signatures: 1 });
    expect(left(...all('father'), ...all('host'), signed('father'), signed('host'), completed)).toEqual({ clauses: 0, signatures: 0 });
  });

  it('asks for the first clause that is missing', () => {
    const document = currentDocument(after(father, drafted(), frozen(), acknowledged('father', 1)));
    const own = document?.signers[0];
    expect(document && own && nextClause(document, own)).toBe(2);
  });
});

describe('the text', () => {
  it('has numerals, a fingerprint and amounts as people read them', () => {
    expect([1, 9, 10, 11, 20, 38].map(numeral)).toEqual(['一', '九', '十', '十一', '二十', '三十八']);
    expect(fingerprint(hash)).toBe('9F3A 62B7 1D08');
    expect([0, 5, 660_000, 123_456_789].map(yuan)).toEqual(['0.00', '0.05', '6,600.00', '1,234,567.89']);
    expect([300e6, 61.2e6, 0, -5e6].map(countdown)).toEqual(['05:00', '01:01', '00:00', '00:00']);
  });

  it('shows the amounts of a clause again, with their sum where it is one of the fields', () => {
    expect(amountsIn(fields, 2)).toEqual([
      { name: 'first', fen: 660_000 },
      { name: 'second', fen: 600_000 },
      { name: 'total', fen: 1_260_000 },
    ]);
    expect([amountsIn(fields, 1), amountsIn(fields, 3), amountsIn({ ...fields, amounts: { first: 1, second: 2, total: 4 } }, 2).length]).toEqual([[], [], 2]);
  });
});

describe('the form', () => {
  it('begins with what the template gave, and sends the same', () => {
    const form = formOf(fields, content);
    expect(form).toMatchObject({ number: content.number, copies: '3', amounts: { first: '6,600.00' }, clauses: fields.clauses });
    expect(faultsOf(form)).toEqual([]);
    expect(fieldsOf(form)).toMatchObject({ ...fields, copies: 3, committee: content.committee, parties: { father: {} } });
  });

  it('reads amounts as people write them', () => {
    expect(['12600', '12,600.5', ' 6 600 ', '0.07', '12，600'].map(fen)).toEqual([1_260_000, 1_260_050, 660_000, 7, 1_260_000]);
    expect(['', '-1', '1.234', '1e5', '六千', '1234567890123'].map(fen)).toEqual([null, null, null, null, null, null]);
  });

  it('makes one paragraph of what was pasted', () => {
    expect(paragraph(' 一\n 二\r\n三 ')).toBe('一二三');
  });

  it('says what is wrong where it is wrong', () => {
    const form = { ...formOf(fields, content), facts: ' ', date: '2026-13-01', clauses: ['一', ''], amounts: { total: 'x' }, copies: '0' };
    expect(faultsOf(form).map(({ at, code }) => `${at} ${code}`)).toEqual([
      'facts empty',
      'date not_a_date',
      'clauses/1 empty',
      'amounts/total not_an_amount',
      'copies not_a_number',
    ]);
  });

  it('finds the field that a refusal is about', () => {
    const form = { ...formOf(fields, content), place: '九团𰻝连' };
    const place = (code: string, params: Record<string, string>): string | null => placeOf({ code, params }, form);
    expect(place('glyph_missing', { character: '𰻝' })).toBe('place');
    expect(place('placeholder_unknown', { name: 'second_due' })).toBe('clauses/1');
    expect(place('amounts_do_not_add_up', { name: 'total' })).toBe('amounts/total');
    expect(place('field_missing', { field: 'total' })).toBe('amounts/total');
    expect(place('field_missing', { field: 'committee' })).toBe('committee');
    expect(place('session_paused', {})).toBeNull();
  });
});
