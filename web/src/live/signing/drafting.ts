// The host's form: what she wrote outlives a reload, and is saved as a version only when she says so.

import { computed, type ComputedRef, nextTick, reactive, type Ref, ref, watch } from 'vue';

import type { DocumentState } from '../../client/documents';
import { type FieldFault, faultsOf, fieldsOf, type Form, formOf, placeOf, sameForm } from './draft';
import type { Signing } from './signing';

const key = 'conference.draft';

interface Kept {
  document: string;
  version: number;
  form: Form;
}

export interface Drafting {
  form: Form;
  faults: Ref<FieldFault[]>;
  dirty: ComputedRef<boolean>;
  addClause(): void;
  removeClause(index: number): void;
  moveClause(index: number, by: -1 | 1): void;
  /** False where a field is faulty or the server refused; the first faulty field then has the focus. */
  save(): Promise<boolean>;
  freeze(): Promise<void>;
}

function kept(document: DocumentState): Form | null {
  try {
    const found = JSON.parse(sessionStorage.getItem(key) ?? 'null') as Kept | null;
    return found?.document === document.document && found.version === document.version ? found.form : null;
  } catch {
    return null;
  }
}

/** What is typed changes nothing of what was saved. */
function copy(form: Form): Form {
  return JSON.parse(JSON.stringify(form)) as Form;
}

function focusOn(at: string): void {
  void nextTick(() => {
    const field = document.querySelector<HTMLElement>(`[data-at="${at}"]`);
    field?.focus();
    // What is wrong stands below the field.
    field?.scrollIntoView({ block: 'center' });
  });
}

function clauseCommands(form: Form): Pick<Drafting, 'addClause' | 'removeClause' | 'moveClause'> {
  return {
    addClause: () => {
      form.clauses.push('');
      focusOn(`clauses/${form.clauses.length - 1}`);
    },
    removeClause: (index) => {
      form.clauses.splice(index, 1);
      focusOn(`clauses/${Math.min(index, form.clauses.length - 1)}`);
    },
    moveClause: (index, by) => {
      const [moved] = form.clauses.splice(index, 1);
      if (moved !== undefined) form.clauses.splice(index + by, 0, moved);
    },
  };
}

/** `first` is the draft that is there now; later versions come by the feed. */
export function useDrafting(signing: Signing, first: DocumentState): Drafting {
  const saved = computed(() => {
    const now = signing.document.value ?? first;
    return formOf(now.fields, now.content);
  });
  const form: Form = reactive(kept(first) ?? copy(saved.value));
  const faults = ref<FieldFault[]>([]);
  const dirty = computed(() => !sameForm(form, saved.value));
  const show = (found: FieldFault[]): void => {
    faults.value = found;
    if (found[0]) focusOn(found[0].at);
  };
  watch(form, () => {
    const { document: name, version } = signing.document.value ?? first;
    sessionStorage.setItem(key, JSON.stringify({ document: name, version, form }));
    // What was refused is looked at anew with the next attempt.
    faults.value = faults.value.filter(({ code }) => code !== 'refused');
  });
  const refused = (): false => {
    const { error, refused: message } = signing.state;
    const at = error && placeOf(error, form);
    if (at) show([{ at, code: 'refused', message: message ?? '' }]);
    return false;
  };
  const save = async (): Promise<boolean> => {
    show(faultsOf(form));
    if (faults.value.length > 0) return false;
    if (!dirty.value) return true;
    if (!(await signing.draft(fieldsOf(form)))) return refused();
    Object.assign(form, copy(saved.value));
    return true;
  };
  const freeze = async (): Promise<void> => {
    if ((await save()) && !(await signing.freeze())) refused();
  };
  return { form, faults, dirty, ...clauseCommands(form), save, freeze };
}
