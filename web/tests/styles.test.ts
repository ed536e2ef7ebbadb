import { describe, expect, it } from 'vitest';

import tokens from '../src/styles/tokens.css?raw';

const values = new Map(Array.from(tokens.matchAll(/--([a-z0-9-]+):\s*(#[0-9a-f]{6});/g), (match) => [match[1] ?? '', match[2] ?? '']));
const styles = {
  ...import.meta.glob<string>('../src/**/*.vue', { query: '?raw', import: 'default', eager: true }),
  ...import.meta.glob<string>('../src/styles/base.css', { query: '?raw', import: 'default', eager: true }),
};

/** Relative luminance of a colour (WCAG 2.2). */
function luminance(token: string): number {
  const value = values.get(token);
  if (!value) throw new Error(`no colour --${token}`);
  const channels = [1, 3, 5].map((at) => parseInt(value.slice(at, at + 2), 16) / 255);
  const [red = 0, green = 0, blue = 0] = channels.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

describe('text', () => {
  it.each([
    ['ink', 'paper'],
    ['ink', 'paper-2'],
    ['ink-2', 'paper'],
    ['ink-2', 'paper-2'],
    ['ink-2', 'brand-weak'],
    ['ink-2', 'go-weak'],
    ['ink-2', 'warn-weak'],
    ['ink-3', 'paper'],
    ['ink-3', 'paper-2'],
    ['stage-ink', 'stage'],
    ['stage-ink', 'stage-2'],
    ['stage-ink', 'stage-line'],
    ['stage-ink', 'ink'],
    ['stage-ink-2', 'stage'],
    ['stage-ink-2', 'stage-2'],
    ['brand', 'paper'],
    ['brand', 'paper-2'],
    ['brand', 'brand-weak'],
    ['paper', 'brand'],
    ['paper', 'brand-strong'],
    ['paper', 'rec'],
    ['go', 'paper'],
    ['go', 'go-weak'],
    ['warn', 'paper'],
    ['warn', 'warn-weak'],
    ['danger', 'paper'],
    ['danger', 'rec-weak'],
  ])('--%s on --%s has 4.5:1', (ink, ground) => {
    expect(contrast(ink, ground)).toBeGreaterThanOrEqual(4.5);
  });
});

describe('a control or a sign', () => {
  it.each([
    ['edge', 'paper'],
    ['edge', 'paper-2'],
    ['edge', 'stage'],
    ['brand', 'line'],
    ['go', 'line'],
    ['go-stage', 'stage'],
    ['go-stage', 'stage-2'],
    ['warn-stage', 'stage'],
    ['rec', 'paper'],
    ['ink', 'focus'],
    ['focus', 'stage'],
  ])('--%s on --%s has 3:1', (sign, ground) => {
    expect(contrast(sign, ground)).toBeGreaterThanOrEqual(3);
  });
});

describe.each(Object.entries(styles))('%s', (_, source) => {
  it('takes its colours from the tokens', () => {
    const css = source.includes('<template>') ? source.slice(source.indexOf('<style')) : source;
    expect(css.match(/#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(/gi)).toBeNull();
  });

  it('uses only tokens that exist', () => {
    const known = new Set(Array.from(tokens.matchAll(/--([a-z0-9-]+):/g), (match) => match[1]));
    const used = Array.from(source.matchAll(/var\(--([a-z0-9-]+)\)/g), (match) => match[1]);
    expect(used.filter((name) => !known.has(name))).toEqual([]);
  });
});
