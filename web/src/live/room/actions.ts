// What a person in the room can do, and what the page keeps about it.

import { inject, type InjectionKey, provide, reactive } from 'vue';
import { useI18n } from 'vue-i18n';

import { CommandRefused } from '../../client/protocol';
import type { Layout, RecordAction, SeatId, SessionAction, Source } from '../../client/wire';
import { say } from '../announcer';
import { sentence } from '../i18n';
import { type Live, useLive } from '../live';
import { recordControl } from '../model';

export interface Actions {
  state: {
    settings: boolean;
    leaving: boolean;
    stopping: boolean;
    /** Single letters act; can be switched off. */
    shortcuts: boolean;
    refused: string | null;
    lostDevice: Source | null;
    gapsSeen: number;
    /** Rises with each gesture that may open the sound. */
    soundAttempt: number;
    /** The recording key was pressed and is not answered: a second press means nothing. */
    recordAsked: boolean;
  };
  toggle(source: Source): Promise<void>;
  record(action: RecordAction): Promise<void>;
  recordKey(): Promise<void>;
  session(action: SessionAction): Promise<void>;
  layout(layout: Layout, focus: SeatId | null): Promise<void>;
  changeDevice(source: Source, device: string): Promise<void>;
  leave(): Promise<void>;
  openSound(): void;
}

const key: InjectionKey<Actions> = Symbol('actions');

export function useActions(): Actions {
  const actions = inject(key);
  if (!actions) throw new Error('no actions');
  return actions;
}

export function provideActions(): Actions {
  const live = useLive();
  const { t } = useI18n();
  const state: Actions['state'] = reactive({
    settings: false,
    leaving: false,
    stopping: false,
    shortcuts: true,
    refused: null,
    lostDevice: null,
    gapsSeen: 0,
    soundAttempt: 0,
    recordAsked: false,
  });
  const attempt = async (run: () => Promise<unknown>): Promise<void> => {
    try {
      await run();
      state.refused = null;
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error;
      state.refused = sentence(error.error, t);
    }
  };
  const actions: Actions = { state, ...commands(live, state, attempt, t), ...deviceCommands(live, state, attempt) };
  provide(key, actions);
  return actions;
}

type Attempt = (run: () => Promise<unknown>) => Promise<void>;

function commands(
  live: Live,
  state: Actions['state'],
  attempt: Attempt,
  t: (key: string) => string,
): Omit<Actions, 'state' | 'toggle' | 'changeDevice'> {
  const now = (): Live['conference']['value'] => live.conference.value;
  const record = async (action: RecordAction): Promise<void> => {
    state.recordAsked = true;
    try {
      await attempt(() => now().record(action));
    } finally {
      state.recordAsked = false;
    }
  };
  return {
    record,
    recordKey: async () => {
      const { room } = now();
      if (!room || state.recordAsked) return;
      const { action, forbidden } = recordControl(room);
      if (forbidden) say(t(`control.forbidden_${forbidden}`));
      else await record(action);
    },
    session: (action) => attempt(() => now().session(action)),
    layout: (layout, focus) => attempt(() => now().setLayout(layout, focus)),
    leave: () => attempt(() => now().leave()),
    openSound: () => {
      live.page.soundBlocked = false;
      state.soundAttempt += 1;
    },
  };
}

function deviceCommands(live: Live, state: Actions['state'], attempt: Attempt): Pick<Actions, 'toggle' | 'changeDevice'> {
  return {
    toggle: (source) =>
      attempt(async () => {
        const conference = live.conference.value;
        const { [source]: muted } = conference.muted;
        // Without a device there is nothing to switch on: choose one first.
        if (muted && !conference.own[source]) state.settings = true;
        else {
          live.capture.switch(source, !muted);
          await conference.setMuted(source, !muted);
        }
      }),
    changeDevice: (source, device) =>
      attempt(async () => {
        live.capture.chosen[source] = device;
        live.capture.remember();
        await live.conference.value.changeDevice(source, live.capture.chosen);
        if (state.lostDevice === source) state.lostDevice = null;
      }),
  };
}
