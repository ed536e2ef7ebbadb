import { expect, it } from 'vitest';

import { everything, fromAddress, isFiltered, toQuery } from '../../src/archive/list/listing';

it('stands in the address and comes back from it', () => {
  const wanted = { text: '灌溉', state: 'closed', recording: 'stopped', since: '2026-07-01', until: '2026-07-31', page: 3 };
  expect(fromAddress(`?${toQuery(wanted)}`)).toEqual(wanted);
  expect(isFiltered(wanted)).toBe(true);
});

it('asks for everything when nothing is said, and when it is not understood', () => {
  expect(toQuery(everything)).toBe('');
  expect(fromAddress('?state=nonsense&recording=&since=yesterday&page=-1')).toEqual(everything);
  expect(fromAddress('?page=1.5')).toEqual(everything);
  expect(isFiltered(everything)).toBe(false);
});

it('sends no more text than the server takes', () => {
  expect(fromAddress(`?text=${'x'.repeat(300)}`).text).toHaveLength(100);
});
