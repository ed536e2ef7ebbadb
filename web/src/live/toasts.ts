// Short notes at the bottom of the stage: what has just happened, for five seconds.

import { reactive } from 'vue';

import type { IconName } from './icons';

export interface Toast {
  id: number;
  text: string;
  icon: IconName;
}

const life = 5000;
let count = 0;

export const toasts = reactive<{ all: Toast[]; held: boolean }>({ all: [], held: false });

export function toast(text: string, icon: IconName): void {
  const id = (count += 1);
  toasts.all = [...toasts.all.slice(-2), { id, text, icon }];
  const end = (): void => {
    if (toasts.held) setTimeout(end, 1000);
    else toasts.all = toasts.all.filter((each) => each.id !== id);
  };
  setTimeout(end, life);
}
