// The controls of the room as data: three bars draw the same list.

import { computed, type ComputedRef } from 'vue';
import { useI18n } from 'vue-i18n';

import type { Source } from '../../client/wire';
import type { IconName } from '../icons';
import { useShortcuts } from '../keyboard';
import { recordControl } from '../model';
import { type Signing, useSigning } from '../signing/signing';
import { type Actions, useActions } from './actions';
import { type RoomView, useRoom } from './view';

export type ControlGroup = 'own' | 'host' | 'page' | 'exit';

export interface Control {
  id: string;
  group: ControlGroup;
  icon: IconName;
  word: string;
  shortcut: string | null;
  /** on: a device that runs; off: one that does not, or a recording that stands; plain: an act. */
  tone: 'on' | 'off' | 'plain' | 'record' | 'danger';
  /** Why it does nothing now; null when it does. */
  forbidden: string | null;
  act: () => void;
}

/** The desk and the party name their devices differently (`desk.*`, `party.*`). */
export type Wording = 'desk' | 'party';

type Translate = (key: string) => string;

function device(source: Source, wording: Wording, view: RoomView, actions: Actions, t: Translate): Control {
  const { [source]: muted } = view.conference.value.muted;
  const icon: IconName = muted ? `${source}-off` : source;
  const state = `${source}_${muted ? 'off' : 'on'}`;
  return {
    id: source,
    group: 'own',
    icon,
    word: t(wording === 'desk' ? `desk.${state}` : `party.${state}`),
    shortcut: source === 'microphone' ? 'M' : 'V',
    tone: muted ? 'off' : 'on',
    forbidden: null,
    act: () => void actions.toggle(source),
  };
}

function recording(view: RoomView, actions: Actions, t: Translate): Control[] {
  const { action, forbidden } = recordControl(view.room.value);
  const reason = view.live.value ? (forbidden && t(`control.forbidden_${forbidden}`)) : t('control.forbidden_offline');
  const main: Control = {
    id: 'record',
    group: 'host',
    icon: 'record',
    word: t(`control.record_${action}`),
    shortcut: 'R',
    tone: action === 'resume' ? 'off' : 'record',
    forbidden: reason,
    act: () => void actions.recordKey(),
  };
  if (action === 'start') return [main];
  const stop: Control = {
    ...main,
    id: 'record-stop',
    icon: 'stop',
    word: t('control.record_stop'),
    shortcut: null,
    tone: 'plain',
    forbidden: view.live.value ? null : t('control.forbidden_offline'),
    act: () => (actions.state.stopping = true),
  };
  return [main, stop];
}

function session(view: RoomView, actions: Actions, t: Translate): Control {
  const paused = view.room.value.session.state === 'paused';
  const action = paused ? 'resume' : 'pause';
  const open = paused || view.room.value.session.state === 'open';
  const reason = view.live.value ? t('control.forbidden_not_open') : t('control.forbidden_offline');
  return {
    id: 'session',
    group: 'host',
    icon: paused ? 'play' : 'pause',
    word: t(`control.session_${action}`),
    shortcut: 'P',
    tone: paused ? 'off' : 'plain',
    forbidden: open && view.live.value ? null : reason,
    act: () => void actions.session(action),
  };
}

/** The document, once there is something to show; for the host always: she makes it. */
function agreement(signing: Signing, t: Translate): Control[] {
  if (!signing.present.value && !signing.state.shown) return [];
  const { value: document } = signing.document;
  const runs = document?.state === 'frozen';
  return [
    {
      id: 'agreement',
      group: 'page',
      icon: signing.state.shown ? 'people' : runs ? 'sign' : 'document',
      word: t(signing.state.shown ? 'control.pictures' : runs ? 'control.signing' : 'control.agreement'),
      shortcut: 'G',
      tone: signing.state.shown ? 'on' : 'plain',
      forbidden: null,
      act: () => (signing.state.shown = !signing.state.shown),
    },
  ];
}

function page({ state }: Actions, t: Translate): Control[] {
  return [
    {
      id: 'settings',
      group: 'page',
      icon: 'settings',
      word: t('settings.open'),
      shortcut: null,
      tone: 'plain',
      forbidden: null,
      act: () => (state.settings = true),
    },
    {
      id: 'leave',
      group: 'exit',
      icon: 'leave',
      word: t('control.leave'),
      shortcut: null,
      tone: 'danger',
      forbidden: null,
      act: () => (state.leaving = true),
    },
  ];
}

export function useControls(wording: Wording): ComputedRef<Control[]> {
  const view = useRoom();
  const actions = useActions();
  const signing = useSigning();
  const { t } = useI18n();
  const controls = computed<Control[]>(() => [
    device('microphone', wording, view, actions, t),
    device('camera', wording, view, actions, t),
    ...(view.host.value ? [...recording(view, actions, t), session(view, actions, t)] : []),
    ...agreement(signing, t),
    ...page(actions, t),
  ]);
  const byKey = (key: string) => (): void => {
    const control = controls.value.find(({ shortcut }) => shortcut === key);
    if (control && control.forbidden === null) control.act();
  };
  useShortcuts(
    { M: byKey('M'), V: byKey('V'), R: byKey('R'), P: byKey('P'), G: byKey('G'), '?': () => (actions.state.settings = true) },
    () => actions.state.shortcuts,
  );
  return controls;
}
