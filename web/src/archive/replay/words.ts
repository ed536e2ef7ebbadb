// What a mark says: a sentence for the list, a few signs for the timeline.

import { useI18n } from 'vue-i18n';

import { initial } from '../../live/format';
import { has } from '../../live/i18n';
import type { Mark, Replay } from '../model';

export interface Words {
  names(mark: Mark): string;
  sentence(mark: Mark): string;
  brief(mark: Mark): string;
}

export function useWords(replay: () => Pick<Replay, 'people'>): Words {
  const { t } = useI18n();

  function names(mark: Mark): string {
    const people = replay().people.filter((person) => mark.seats.includes(person.seat));
    return people.map((person) => person.name).join(t('list.separator')) || t('list.somebody');
  }

  function values(mark: Mark): Record<string, string | number> {
    const { document } = mark;
    return { name: names(mark), title: document?.title ?? '', n: document?.version ?? 0, clause: mark.clause ?? 0 };
  }

  function sentence(mark: Mark): string {
    const text = t(`event.${mark.kind}`, values(mark));
    const reason = `reason.${mark.reason ?? ''}`;
    return has(reason) ? text + t('list.comma') + t(reason) : text;
  }

  function brief(mark: Mark): string {
    if (mark.kind === 'signed') return initial(names(mark));
    return t(`brief.${mark.kind}`, values(mark));
  }

  return { names, sentence, brief };
}
