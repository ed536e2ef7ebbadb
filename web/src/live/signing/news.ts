// What happens to the document, as a sentence for everybody.

import type { RoomState } from '../../client/state';
import type { FeedItem, SeatId } from '../../client/wire';
import type { IconName } from '../icons';
import { currentDocument, missing } from './model';

export interface DocumentNote {
  text: string;
  urgent: boolean;
  icon: IconName | null;
}

type Translate = (key: string, values?: Record<string, unknown>) => string;

/** `room` is the state before the item. */
export function documentNote(item: FeedItem, t: Translate, room: RoomState | null): DocumentNote | null {
  const name = (seat: SeatId): string => room?.seats.find((each) => each.seat === seat)?.name ?? t('list.somebody');
  switch (item.kind) {
    case 'documents:version:frozen':
      return { text: t('news.frozen', { n: item.data.version }), urgent: true, icon: 'lock' };
    case 'documents:version:reopened':
      return { text: t('news.reopened', { n: item.data.version }), urgent: true, icon: 'document' };
    case 'documents:signature:given': {
      const document = room && currentDocument(room);
      const left = document ? Math.max(0, missing(document).signatures - 1) : 0;
      return { text: t('news.signed', { name: name(item.data.seat), n: left }), urgent: false, icon: 'sign' };
    }
    case 'documents:document:completed':
      return { text: t('news.completed'), urgent: true, icon: 'check' };
    default:
      return null;
  }
}
