// What every part of the room needs to draw, worked out once.

import { computed, type ComputedRef, inject, type InjectionKey, provide, type Ref, ref, watch } from 'vue';
import { useI18n } from 'vue-i18n';

import type { Conference } from '../../client/conference';
import type { Quality } from '../../client/quality';
import type { RoomState } from '../../client/state';
import type { EndpointId, WireSeat } from '../../client/wire';
import { has } from '../i18n';
import { type Live, useLive } from '../live';
import { isHost, people, type PersonRow, recordingSign, type RecordingSign, type Tile, tiles } from '../model';
import { useNow } from '../now';

export interface RoomView {
  /** The same object for ever, announced anew: read it where it is used, never through a computed. */
  conference: { readonly value: Conference };
  room: ComputedRef<RoomState>;
  /** The server's time of day, UTC µs. */
  now_us: ComputedRef<number>;
  tiles: ComputedRef<Tile[]>;
  others: ComputedRef<Tile[]>;
  own: ComputedRef<Tile | null>;
  host: ComputedRef<boolean>;
  people: ComputedRef<{ here: PersonRow[]; absent: PersonRow[] }>;
  sign: ComputedRef<RecordingSign>;
  lastSpeaker: Ref<EndpointId | null>;
  /** The socket is there: what is shown is true now. */
  live: ComputedRef<boolean>;
  speaks(tile: Tile): boolean;
  picture(tile: Tile): MediaStreamTrack | null;
  quality(tile: Tile): Quality;
  role(seat: WireSeat): string;
  names(tile: Tile): string;
}

const key: InjectionKey<RoomView> = Symbol('room');

export function useRoom(): RoomView {
  const view = inject(key);
  if (!view) throw new Error('no room');
  return view;
}

/** `room` is there from the first welcome on; this is called only then. */
export function provideRoom(room: ComputedRef<RoomState>): RoomView {
  const live = useLive();
  const view = { ...drawn(live, room), ...lookups(live, room) };
  provide(key, view);
  return view;
}

function drawn(
  live: Live,
  room: ComputedRef<RoomState>,
): Omit<RoomView, 'speaks' | 'picture' | 'quality' | 'role' | 'names'> {
  const now = useNow();
  const all = computed(() => tiles(room.value));
  const lastSpeaker = ref<EndpointId | null>(null);
  watch(
    () => live.conference.value.speaking,
    (speaking) => {
      const others = Array.from(speaking).filter((endpoint) => endpoint !== room.value.you.endpoint);
      if (others.length > 0 && !others.includes(lastSpeaker.value ?? '')) lastSpeaker.value = others[0] ?? null;
    },
  );
  return {
    conference: live.conference,
    room,
    tiles: all,
    lastSpeaker,
    live: computed(() => live.conference.value.phase.name === 'live'),
    now_us: computed(() => (now.value + live.conference.value.clockOffset) * 1000),
    others: computed(() => all.value.filter(({ own }) => !own)),
    own: computed(() => all.value.find(({ own }) => own) ?? null),
    host: computed(() => isHost(room.value)),
    people: computed(() => people(room.value)),
    sign: computed(() => {
      const { phase, recording } = live.conference.value;
      return recordingSign(room.value, phase.name, recording, now.value);
    }),
  };
}

function lookups(
  live: Live,
  room: ComputedRef<RoomState>,
): Pick<RoomView, 'speaks' | 'picture' | 'quality' | 'role' | 'names'> {
  const { t } = useI18n();
  const role = (seat: WireSeat): string => {
    if (seat.standing && has(`standing.${seat.standing}`)) return t(`standing.${seat.standing}`);
    // Of somebody sent by a department people want to know which one.
    if (seat.role === 'department' && seat.unit) return seat.unit;
    return has(`role.${seat.role}`) ? t(`role.${seat.role}`) : seat.role;
  };
  return {
    role,
    names: (tile) => tile.seats.map(({ name }) => name).join(t('list.separator')),
    speaks: (tile) => live.conference.value.speaking.has(tile.endpoint) && !tile.microphoneOff && tile.line === 'online',
    picture: (tile) => {
      const { own, subscriber, muted } = live.conference.value;
      if (tile.endpoint === room.value.you.endpoint) return muted.camera ? null : own.camera;
      return tile.cameraOff ? null : (subscriber?.track(tile.endpoint, 'video') ?? null);
    },
    quality: (tile) => {
      const { lines, presence } = live.conference.value;
      if (tile.line === 'lost') return 'lost';
      if (tile.own) return lines.own;
      if (presence[tile.endpoint]?.media === false) return 'weak';
      return lines.of(tile.endpoint);
    },
  };
}
