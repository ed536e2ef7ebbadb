import { describe, expect, it } from 'vitest';

import en from '../src/locales/en.json';
import zh from '../src/locales/zh-CN.json';

const catalogues: Record<string, Record<string, string>> = { 'zh-CN': zh, en };
const keys = Object.keys(zh);
const sources = import.meta.glob<string>('../src/**/*.{ts,vue}', { query: '?raw', import: 'default', eager: true });
const code = Object.values(sources).join('\n');

/** Keys that stand in the code as they are, and those that are put together after a literal beginning
 * (`conference.` begins the keys of the browser's storage). */
const whole = new Set(Array.from(code.matchAll(/'([a-z]+\.[a-z_0-9]+)'/g), (match) => match[1] ?? ''));
const patterns = Array.from(
  code.matchAll(/`((?:[a-z_.]|\$\{[^}]*\})*\$\{[^}]*\}[a-z_0-9.]*)`/g),
  (match) => new RegExp(`^${(match[1] ?? '').replace(/\./g, '\\.').replace(/\$\{[^}]*\}/g, '[a-z_0-9]+')}$`),
).filter((pattern) => /^\^[a-z]+\\\./.test(pattern.source) && !pattern.source.startsWith('^conference'));

function placeholders(text: string): string[] {
  return Array.from(text.matchAll(/\{(\w+)\}/g), (match) => match[1] ?? '').sort();
}

describe.each(Object.entries(catalogues))('the catalogue %s', (_, catalogue) => {
  it('has the keys of the others', () => {
    expect(Object.keys(catalogue)).toEqual(keys);
  });

  it('has a text for every key, with the same values in it', () => {
    keys.forEach((key) => {
      const text = catalogue[key] ?? '';
      expect(text, key).not.toBe('');
      expect(placeholders(text), key).toEqual(placeholders((zh as Record<string, string>)[key] ?? ''));
    });
  });

  it('has no sign that the formatter would take for its own', () => {
    keys.forEach((key) => expect(catalogue[key], key).not.toMatch(/[@|]|\{\W/));
  });
});

it('every text is used', () => {
  const unused = keys.filter((key) => !whole.has(key) && !patterns.some((pattern) => pattern.test(key)));
  expect(unused).toEqual([]);
});

it('every key that the code names exists', () => {
  const named = Array.from(code.matchAll(/\bt\(\s*'([^']+)'/g), (match) => match[1] ?? '');
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter((key) => !keys.includes(key))).toEqual([]);
});

it('every key that is put together has at least one text', () => {
  expect(patterns.length).toBeGreaterThan(10);
  const empty = patterns.filter((pattern) => !keys.some((key) => pattern.test(key)));
  expect(empty.map(String)).toEqual([]);
});

it('the addresses people are spoken to by stand apart', () => {
  const party = keys.filter((key) => key.startsWith('problem.') || key.startsWith('prejoin.') || key.startsWith('lost.'));
  party.forEach((key) => expect((zh as Record<string, string>)[key], key).not.toMatch(/你|!|！/));
});
