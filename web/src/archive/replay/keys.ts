// Keys of the replay page, as what they mean.

export type Command =
  | { do: 'toggle' }
  | { do: 'by'; us: number }
  | { do: 'mark'; step: 1 | -1 }
  | { do: 'edge'; end: boolean }
  | { do: 'faster'; step: 1 | -1 }
  | { do: 'cite' };

export interface Pressed {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

const second = 1e6;

const plain: Record<string, Command> = {
  ' ': { do: 'toggle' },
  k: { do: 'toggle' },
  j: { do: 'by', us: -10 * second },
  l: { do: 'by', us: 10 * second },
  arrowleft: { do: 'by', us: -second },
  arrowright: { do: 'by', us: second },
  pageup: { do: 'by', us: 10 * second },
  pagedown: { do: 'by', us: -10 * second },
  home: { do: 'edge', end: false },
  end: { do: 'edge', end: true },
  '<': { do: 'faster', step: -1 },
  '>': { do: 'faster', step: 1 },
  c: { do: 'cite' },
};

const shifted: Record<string, Command> = {
  arrowleft: { do: 'mark', step: -1 },
  arrowright: { do: 'mark', step: 1 },
  '<': { do: 'faster', step: -1 },
  '>': { do: 'faster', step: 1 },
};

/** What a key asks for; null for keys that are somebody else's. `page keys` only on the slider. */
export function commandFor(pressed: Pressed, onSlider = false): Command | null {
  if (pressed.ctrlKey || pressed.altKey || pressed.metaKey) return null;
  const key = pressed.key.toLowerCase();
  if (key.startsWith('page') && !onSlider) return null;
  return (pressed.shiftKey ? shifted[key] : plain[key]) ?? null;
}

/** Keys belong to what has the focus first: text to fields, Space and Enter to buttons. */
export function belongsToPage(target: Element | null, key: string): boolean {
  if (target?.closest('input, select, textarea, [role="dialog"], [role="menu"]')) return false;
  return key !== ' ' || !target?.closest('button, a[href], summary');
}
