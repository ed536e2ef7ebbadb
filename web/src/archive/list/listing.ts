// What of the archive is asked for; it stands in the address, so that a list can be handed on. Pure.

export const states = ['scheduled', 'open', 'paused', 'closed'] as const;
export const recordings = ['none', 'on', 'paused', 'stopped'] as const;

/** Empty texts leave it open. `since`, `until`: days in Beijing; `page` from 1. */
export interface Wanted {
  text: string;
  state: string;
  recording: string;
  since: string;
  until: string;
  page: number;
}

export const everything: Wanted = { text: '', state: '', recording: '', since: '', until: '', page: 1 };
const filters = ['text', 'state', 'recording', 'since', 'until'] as const;

export function isFiltered(wanted: Wanted): boolean {
  return filters.some((name) => wanted[name].trim() !== '');
}

function day(text: string | null): string {
  return text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : '';
}

/** From the address of the page; what is not understood is left open. */
export function fromAddress(search: string): Wanted {
  const values = new URLSearchParams(search);
  const page = Number(values.get('page') ?? '1');
  return {
    text: (values.get('text') ?? '').slice(0, longestText),
    state: states.find((each) => each === values.get('state')) ?? '',
    recording: recordings.find((each) => each === values.get('recording')) ?? '',
    since: day(values.get('since')),
    until: day(values.get('until')),
    page: Number.isInteger(page) && page > 0 ? page : 1,
  };
}

/** The server takes no longer ones. */
export const longestText = 100;

/** For the address of the page and for the server, which read the same. */
export function toQuery(wanted: Wanted): string {
  const values = new URLSearchParams();
  filters.forEach((name) => {
    if (wanted[name].trim() !== '') values.set(name, wanted[name].trim());
  });
  if (wanted.page > 1) values.set('page', String(wanted.page));
  return values.toString();
}
