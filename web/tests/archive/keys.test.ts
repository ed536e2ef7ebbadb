import { expect, it } from 'vitest';

import { belongsToPage, commandFor } from '../../src/archive/replay/keys';

function press(key: string, change: Partial<Record<'shiftKey' | 'ctrlKey' | 'altKey' | 'metaKey', boolean>> = {}, onSlider = false): unknown {
  return commandFor({ key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...change }, onSlider);
}

it('knows the keys of the page', () => {
  expect(press(' ')).toEqual({ do: 'toggle' });
  expect(press('K')).toEqual({ do: 'toggle' });
  expect(press('j')).toEqual({ do: 'by', us: -10e6 });
  expect(press('ArrowRight')).toEqual({ do: 'by', us: 1e6 });
  expect(press('ArrowRight', { shiftKey: true })).toEqual({ do: 'mark', step: 1 });
  expect(press('End')).toEqual({ do: 'edge', end: true });
  expect(press('>', { shiftKey: true })).toEqual({ do: 'faster', step: 1 });
  expect(press('q')).toBeNull();
});

it('leaves to the browser what is the browser’s', () => {
  expect(press('l', { ctrlKey: true })).toBeNull();
  expect(press('ArrowLeft', { altKey: true })).toBeNull();
  expect(press('PageUp')).toBeNull();
  expect(press('PageUp', {}, true)).toEqual({ do: 'by', us: 10e6 });
});

it('leaves text to fields, and Space to buttons', () => {
  document.body.innerHTML = '<input id="a"><button id="b"></button><p id="c"></p>';
  const at = (id: string): Element | null => document.getElementById(id);
  expect(belongsToPage(at('a'), 'j')).toBe(false);
  expect(belongsToPage(at('b'), ' ')).toBe(false);
  expect(belongsToPage(at('b'), 'j')).toBe(true);
  expect(belongsToPage(at('c'), ' ')).toBe(true);
});
