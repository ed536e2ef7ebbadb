// Keys: single letters for what is done often, F6 between regions, Esc for the topmost layer.

import { onBeforeUnmount, onMounted } from 'vue';

export type Shortcuts = Record<string, () => void>;

const typing = 'input, select, textarea, [contenteditable="true"]';

/** The focus ring belongs to the keyboard; the page knows by the last thing that was used. */
export function followInput(root: HTMLElement): void {
  root.dataset.input = 'keyboard';
  document.addEventListener('pointerdown', () => (root.dataset.input = 'pointer'), true);
  document.addEventListener('keydown', () => (root.dataset.input = 'keyboard'), true);
}

function listen(handler: (event: KeyboardEvent) => void): void {
  onMounted(() => document.addEventListener('keydown', handler));
  onBeforeUnmount(() => document.removeEventListener('keydown', handler));
}

/** Upper-case letters; silent in fields, with a modifier, under an open dialog, or switched off. */
export function useShortcuts(shortcuts: Shortcuts, on: () => boolean): void {
  listen((event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || !on()) return;
    const at = event.target as Element | null;
    if (at?.closest(typing) || document.querySelector('[role="dialog"]')) return;
    const act = shortcuts[event.key.toUpperCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

/** F6 and Shift+F6 go to the next and the previous `[data-region]`, in the order of the page. */
export function useRegions(): void {
  listen((event) => {
    if (event.key !== 'F6') return;
    const regions = Array.from(document.querySelectorAll<HTMLElement>('[data-region]'));
    if (regions.length === 0) return;
    event.preventDefault();
    const at = regions.findIndex((region) => region.contains(document.activeElement));
    const step = event.shiftKey ? -1 : 1;
    const next = at < 0 ? 0 : (at + step + regions.length) % regions.length;
    const region = regions[next];
    const first = region?.querySelector<HTMLElement>('button, select, a[href], input, [tabindex="0"]');
    (first ?? region)?.focus();
  });
}

export function useEscape(act: () => void): void {
  listen((event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    act();
  });
}
