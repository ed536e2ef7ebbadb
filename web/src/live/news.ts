// From items of the feed to sentences: said aloud, and shown for a moment where it helps.

import { useI18n } from 'vue-i18n';

import type { RoomState } from '../client/state';
import type { EndpointId, FeedItem, SeatId } from '../client/wire';
import { say, sayNow } from './announcer';
import { elapsed } from './format';
import type { IconName } from './icons';
import { documentNote } from './signing/news';
import { toast } from './toasts';

type Translate = (key: string, values?: Record<string, unknown>) => string;

/** Names of those on an endpoint; of these seats where the endpoint is new. */
type Names = (endpoint: EndpointId, seats?: readonly SeatId[]) => string;

interface Note {
  text: string;
  urgent: boolean;
  icon: IconName | null;
}

function endpointNote(item: FeedItem, t: Translate, names: Names): Note | null {
  switch (item.kind) {
    case 'room:endpoint:joined':
      return { text: t('news.joined', { name: names(item.data.endpoint, item.data.seats) }), urgent: false, icon: 'check' };
    case 'room:endpoint:left':
      return { text: t('news.left', { name: names(item.data.endpoint) }), urgent: false, icon: 'leave' };
    case 'room:endpoint:lost':
      return { text: t('news.lost', { name: names(item.data.endpoint) }), urgent: true, icon: 'broken' };
    case 'room:endpoint:restored':
      return { text: t('news.restored', { name: names(item.data.endpoint) }), urgent: true, icon: 'check' };
    default:
      return null;
  }
}

function sessionNote(item: FeedItem, t: Translate): Note | null {
  switch (item.kind) {
    case 'room:session:opened':
      return { text: t('news.opened'), urgent: false, icon: null };
    case 'room:session:paused':
      return { text: t(`paused.${item.data.reason}`), urgent: true, icon: null };
    case 'room:session:resumed':
      return { text: t('news.resumed'), urgent: true, icon: 'check' };
    default:
      return null;
  }
}

function recordingNote(item: FeedItem, t: Translate): Note | null {
  const recorded = elapsed(item.r_us ?? 0);
  switch (item.kind) {
    case 'recording:session:started':
      return { text: t('news.recording_started'), urgent: true, icon: 'record' };
    case 'recording:session:resumed':
      return { text: t('news.recording_resumed'), urgent: true, icon: 'record' };
    case 'recording:session:paused':
      return { text: t('news.recording_paused', { time: recorded }), urgent: true, icon: 'pause' };
    case 'recording:session:stopped':
      return { text: t('news.recording_stopped', { time: recorded }), urgent: true, icon: 'stop' };
    case 'recording:writer:failed':
      return { text: t(`fault.${item.data.reason}`), urgent: true, icon: null };
    case 'recording:writer:restored':
      return { text: t('news.recording_restored'), urgent: true, icon: 'check' };
    default:
      return null;
  }
}

/** A listener for the feed; `room` gives the state before the item. */
export function useNews(room: () => RoomState | null): (items: FeedItem[], late: boolean) => void {
  const { t } = useI18n();
  const names: Names = (endpoint, given) => {
    const now = room();
    const seats = given ?? now?.endpoints.find((each) => each.endpoint === endpoint)?.seats ?? [];
    const known = now?.seats.filter(({ seat }) => seats.includes(seat)).map(({ name }) => name) ?? [];
    return known.join(t('list.separator')) || t('list.somebody');
  };
  const noteOf = (item: FeedItem): Note | null =>
    endpointNote(item, t, names) ?? sessionNote(item, t) ?? recordingNote(item, t) ?? documentNote(item, t, room());
  return (items, late) => {
    items.forEach((item) => {
      const own = 'endpoint' in item.data && item.data.endpoint === room()?.you.endpoint;
      const note = own ? null : noteOf(item);
      if (!note) return;
      if (note.urgent) sayNow(note.text);
      else say(note.text);
      if (note.icon && !late) toast(note.text, note.icon);
    });
  };
}
