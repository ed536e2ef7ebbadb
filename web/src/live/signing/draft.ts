// The form of an agreement: what stands in its fields as text, and what of it is sent. Pure.

import type { AgreementContent, AgreementFields, SeatId, WireError } from '../../client/wire';
import { namesIn, yuan } from './model';

export interface PartyRow {
  seat: SeatId;
  name: string;
  id_masked: string;
  address: string;
}

export interface Form {
  number: string;
  date: string;
  place: string;
  facts: string;
  clauses: string[];
  /** In yuan, as people write them. */
  amounts: Record<string, string>;
  dates: Record<string, string>;
  method: string;
  committee: string;
  copies: string;
  parties: PartyRow[];
}

/** Where a fault is (`amounts/total`, `clauses/1` …), and which. */
export interface FieldFault {
  at: string;
  code: 'empty' | 'not_an_amount' | 'not_a_date' | 'not_a_number' | 'refused';
  /** The server's own sentence. */
  message?: string;
}

export function formOf(fields: AgreementFields, content: AgreementContent): Form {
  const { amounts = {}, dates = {}, parties = {} } = fields;
  return {
    number: content.number,
    date: content.date,
    place: content.place,
    facts: fields.facts ?? content.facts,
    clauses: [...(fields.clauses ?? content.clauses.map(({ text }) => text))],
    amounts: Object.fromEntries(Object.entries(amounts).map(([name, fen]) => [name, yuan(fen)])),
    dates: { ...dates },
    method: fields.method ?? content.method,
    committee: content.committee,
    copies: String(content.copies),
    parties: content.parties.map(({ seat, name }) => ({
      seat,
      name,
      id_masked: parties[seat]?.id_masked ?? '',
      address: parties[seat]?.address ?? '',
    })),
  };
}

/** Fen of an amount in yuan; null where it is none. */
export function fen(text: string): number | null {
  const plain = text.trim().replace(/[,，\s]/g, '');
  const found = /^(\d{1,12})(?:\.(\d{1,2}))?$/.exec(plain);
  if (!found) return null;
  return Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0'));
}

/** A field is one paragraph: line ends and outer spaces are not kept. */
export function paragraph(text: string): string {
  return text.split(/\s*\n\s*/).join('').trim();
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

export function faultsOf(form: Form): FieldFault[] {
  const faults: FieldFault[] = [];
  const check = (good: boolean, at: string, code: FieldFault['code']): void => void (good || faults.push({ at, code }));
  (['number', 'facts', 'committee'] as const).forEach((name) => check(paragraph(form[name]) !== '', name, 'empty'));
  check(isDate(form.date), 'date', 'not_a_date');
  form.clauses.forEach((text, index) => check(paragraph(text) !== '', `clauses/${index}`, 'empty'));
  Object.entries(form.amounts).forEach(([name, text]) => check(fen(text) !== null, `amounts/${name}`, 'not_an_amount'));
  Object.entries(form.dates).forEach(([name, text]) => check(isDate(text), `dates/${name}`, 'not_a_date'));
  check(/^[1-9]\d?$/.test(form.copies.trim()), 'copies', 'not_a_number');
  return faults;
}

/** The message's fields; only of a form without faults. */
export function fieldsOf(form: Form): AgreementFields {
  const details = form.parties.map(({ seat, id_masked, address }): [string, { id_masked?: string; address?: string }] => [
    seat,
    { ...(id_masked.trim() && { id_masked: id_masked.trim() }), ...(address.trim() && { address: address.trim() }) },
  ]);
  return {
    number: form.number.trim(),
    date: form.date,
    ...(form.place.trim() && { place: form.place.trim() }),
    facts: paragraph(form.facts),
    clauses: form.clauses.map(paragraph),
    amounts: Object.fromEntries(Object.entries(form.amounts).map(([name, text]) => [name, fen(text) ?? 0])),
    dates: { ...form.dates },
    ...(paragraph(form.method) && { method: paragraph(form.method) }),
    committee: form.committee.trim(),
    copies: Number(form.copies),
    parties: Object.fromEntries(details),
  };
}

export function sameForm(one: Form, other: Form): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The texts of a form by where they stand. */
function texts(form: Form): [string, string][] {
  const plain = (['number', 'place', 'facts', 'method', 'committee'] as const).map((name): [string, string] => [name, form[name]]);
  const parties = form.parties.flatMap(({ id_masked, address }, index): [string, string][] => [
    [`parties/${index}/id_masked`, id_masked],
    [`parties/${index}/address`, address],
  ]);
  return [...plain, ...form.clauses.map((text, index): [string, string] => [`clauses/${index}`, text]), ...parties];
}

/** The field that a refusal is about; null when it is about none. */
export function placeOf(error: WireError, form: Form): string | null {
  const { character = '', name = '', field = '' } = error.params ?? {};
  const holding = (test: (text: string) => boolean): string | null => texts(form).find(([, text]) => test(text))?.[0] ?? null;
  switch (error.code) {
    case 'glyph_missing':
      return holding((text) => text.includes(String(character)));
    case 'placeholder_unknown':
      return holding((text) => namesIn(text).includes(String(name)));
    case 'amounts_do_not_add_up':
      return `amounts/${name}`;
    case 'field_missing':
      return String(field) in form.amounts ? `amounts/${field}` : String(field);
    default:
      return null;
  }
}
