// The document of the room for everything that shows it: the person's own part, and what can be done.

import { computed, type ComputedRef, inject, type InjectionKey, onBeforeUnmount, provide, reactive, shallowReactive, watch } from 'vue';
import { useI18n } from 'vue-i18n';

import type { DocumentState, SignerState } from '../../client/documents';
import { CommandRefused } from '../../client/protocol';
import type { AgreementFields, CompanionTicket, SeatId, WireError } from '../../client/wire';
import { sentence } from '../i18n';
import type { RoomView } from '../room/view';
import { currentDocument, type Face, faceOf, ownSigner, signBlock } from './model';
import { Ink } from './strokes';

type Task = 'draft' | 'freeze' | 'reopen' | 'acknowledge' | 'sign' | 'companion';

interface State {
  /** The document is on the screen instead of the pictures. */
  shown: boolean;
  /** The host writes her name, or somebody asked for the pad. */
  writing: boolean;
  /** The question whether to take the text back is open. */
  reopening: boolean;
  /** What is on its way to the server. */
  busy: Exclude<Task, 'acknowledge'> | null;
  refused: string | null;
  error: WireError | null;
  /** The text changed under the person's hand; what was given before is void. */
  changed: boolean;
  ticket: CompanionTicket | null;
}

export interface Signing {
  state: State;
  ink: Ink;
  document: ComputedRef<DocumentState | null>;
  own: ComputedRef<SignerState | null>;
  face: ComputedRef<Face>;
  /** Why the person cannot sign now, in words. */
  block: ComputedRef<string | null>;
  /** There is something to show to this person. */
  present: ComputedRef<boolean>;
  name(seat: SeatId): string;
  address(path: string): string;
  draft(fields: AgreementFields): Promise<boolean>;
  freeze(): Promise<boolean>;
  reopen(): Promise<boolean>;
  acknowledge(clause: number): Promise<boolean>;
  sign(): Promise<boolean>;
  issueCompanion(): Promise<boolean>;
}

const key: InjectionKey<Signing> = Symbol('signing');

export function useSigning(): Signing {
  const signing = inject(key);
  if (!signing) throw new Error('no signing');
  return signing;
}

type Run = (task: Task, name: string, payload: object) => Promise<Record<string, unknown> | null>;

export function provideSigning(login: string, view: RoomView): Signing {
  const { t } = useI18n();
  const state: State = reactive({
    shown: false, writing: false, reopening: false, busy: null, refused: null, error: null, changed: false, ticket: null,
  });
  const ink = shallowReactive(new Ink()) as Ink;
  const document = computed(() => currentDocument(view.room.value));
  const own = computed(() => ownSigner(view.room.value, document.value));
  const run: Run = async (task, name, payload) => {
    // Several clauses may be on their way at once; of anything else one at a time.
    if (state.busy && task !== 'acknowledge') return null;
    if (task !== 'acknowledge') state.busy = task;
    try {
      const answer = await view.conference.value.connection.command(name, payload);
      state.refused = null;
      state.error = null;
      return answer;
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error;
      state.error = error.error;
      state.refused = sentence(error.error, t);
      return null;
    } finally {
      if (task !== 'acknowledge') state.busy = null;
    }
  };
  const signing: Signing = {
    state,
    ink,
    document,
    own,
    ...faces(view, document, own, t),
    name: (seat) => view.room.value.seats.find((each) => each.seat === seat)?.name ?? '',
    address: (path) => `/u/${login}/${path}`,
    ...commands(state, ink, document, run),
  };
  follow(signing);
  provide(key, signing);
  return signing;
}

function faces(
  view: RoomView,
  document: Signing['document'],
  own: Signing['own'],
  t: (key: string) => string,
): Pick<Signing, 'face' | 'block' | 'present'> {
  const face = computed(() => faceOf(view.room.value));
  return {
    face,
    block: computed(() => {
      if (!view.live.value) return t('control.forbidden_offline');
      if (!document.value || !own.value) return null;
      const reason = signBlock(view.room.value, document.value, own.value);
      return reason && t(`signing.block_${reason}`);
    }),
    present: computed(() => view.host.value || face.value !== 'waiting'),
  };
}

type Commands = Pick<Signing, 'draft' | 'freeze' | 'reopen' | 'acknowledge' | 'sign' | 'issueCompanion'>;

function commands(state: State, ink: Ink, document: Signing['document'], run: Run): Commands {
  const named = (): object => ({ document: document.value?.document, version: document.value?.version });
  const read = (): object => ({ ...named(), hash: document.value?.hash });
  return {
    draft: async (fields) => {
      const answer = await run('draft', 'document_draft', { fields });
      // The answer may come before the event that tells what was saved.
      if (answer) await until(() => (document.value?.version ?? 0) >= Number(answer.version));
      return answer !== null;
    },
    freeze: async () => (await run('freeze', 'document_freeze', named())) !== null,
    reopen: async () => {
      state.reopening = false;
      return (await run('reopen', 'document_reopen', { document: document.value?.document })) !== null;
    },
    acknowledge: async (clause) => (await run('acknowledge', 'document_acknowledge', { ...read(), clause })) !== null,
    sign: async () => {
      if (!ink.enough || ink.tooMuch) return false;
      const strokes = ink.packed(window.devicePixelRatio);
      const signed = (await run('sign', 'document_sign', { ...read(), strokes })) !== null;
      if (signed) {
        ink.clear();
        state.writing = false;
      }
      return signed;
    },
    issueCompanion: async () => {
      const answer = await run('companion', 'companion_issue', {});
      if (answer) state.ticket = answer as unknown as CompanionTicket;
      return answer !== null;
    },
  };
}

async function until(so: () => boolean): Promise<void> {
  if (so()) return;
  await new Promise<void>((resolve) => watch(so, () => resolve(), { once: true }));
}

/** What is frozen comes before everybody's eyes by itself; what was written on another text goes. */
function follow({ state, ink, document, own }: Signing): void {
  watch(
    () => document.value?.hash ?? null,
    (hash, before) => {
      state.writing = false;
      state.reopening = false;
      state.ticket = null;
      state.refused = null;
      if (before) state.changed = true;
      ink.clear();
      if (hash !== null && document.value?.state === 'frozen') state.shown = true;
    },
    { immediate: true },
  );
  watch(
    () => own.value?.signed_at_us ?? null,
    (signed) => {
      if (signed === null) return;
      state.ticket = null;
      state.writing = false;
      ink.clear();
    },
  );
  onBeforeUnmount(() => ink.clear());
}
