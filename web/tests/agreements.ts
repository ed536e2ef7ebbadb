// An agreement for tests: three clauses, signed by the father and then the host.

import type { AgreementContent, AgreementFields, FeedItem, WireDocument } from '../src/client/wire';
import { item } from './rooms';

export const content: AgreementContent = {
  format: 'agreement/1',
  title: '人民调解协议书',
  number: '九团人调〔2026〕037号',
  date: '2026-07-20',
  place: '九团五连',
  parties: [{ seat: 'father', name: '王建国', role: 'applicant' }],
  facts: '申请人王建国因开闸灌溉发生纠纷。',
  clauses: [
    { n: 1, text: '支付补偿款 12,600 元。' },
    { n: 2, text: '先付 6,600 元，后付 6,000 元。' },
    { n: 3, text: '互不再追究。' },
  ],
  method: '银行转账。',
  mediator: { seat: 'host', name: '马晓燕', unit: '九团' },
  committee: '九团人民调解委员会',
  copies: 3,
};

export const fields: AgreementFields = {
  facts: '申请人{applicant}因开闸灌溉发生纠纷。',
  clauses: ['支付补偿款 {total}。', '先付 {first}，{second_due}前付 {second}。', '互不再追究。'],
  amounts: { total: 1_260_000, first: 660_000, second: 600_000 },
  dates: { second_due: '2026-11-30' },
  method: '银行转账。',
};

export const hash = '9f3a62b71d08'.padEnd(64, '0');

export function wireDocument(change: Partial<WireDocument> = {}): WireDocument {
  return { document: 'document', version: 1, state: 'draft', hash: null, content, signers: [], pdf: null, fields, ...change };
}

export const drafted = (version = 1): FeedItem =>
  item('documents:draft:saved', { document: 'document', version, template: 'people_agreement', title: content.title, content, fields });
export const frozen = (version = 1): FeedItem =>
  item('documents:version:frozen', { document: 'document', version, hash, signers: ['father', 'host'] }, { wall_us: 4_000_000 });
export const acknowledged = (seat: string, clause: number, wall_us = 5_000_000): FeedItem =>
  item('documents:clause:acknowledged', { document: 'document', version: 1, hash, seat, clause }, { wall_us });
export const signed = (seat: string, r_us: number | null = 61_300_000): FeedItem =>
  item('documents:signature:given', { document: 'document', version: 1, hash, seat, by_companion: false }, { wall_us: 6_000_000, r_us });
export const completed: FeedItem = item('documents:document:completed', { document: 'document', version: 1, hash });
export const all = (seat: string): FeedItem[] => [1, 2, 3].map((clause) => acknowledged(seat, clause));
