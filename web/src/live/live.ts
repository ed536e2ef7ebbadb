// The page's one store: who the person is, their devices, and the conference they are in.

import { type App, inject, type InjectionKey, shallowReactive, shallowRef, triggerRef } from 'vue';

import { Conference } from '../client/conference';
import { browserFault, type BrowserFault } from '../client/devices';
import { loginOf } from '../client/login';
import { openSocket } from '../client/socket';
import { type Ticket, ticketStore } from '../client/ticket';
import type { FeedItem, Me, Muted } from '../client/wire';
import { locale } from './i18n';
import { type Capture, createCapture } from './capture';

export type Trouble = { name: 'unreachable'; until: number; attempt: number } | { name: 'login' };

export interface Live {
  login: string;
  capture: Capture;
  /** The same object for ever, announced anew: read it where it is used, never through a computed. */
  conference: { readonly value: Conference };
  page: {
    me: Me | null;
    trouble: Trouble | null;
    fault: BrowserFault | null;
    /** The person is (or was) in the room since this page was opened. */
    entered: boolean;
    /** The browser plays no sound before a gesture. */
    soundBlocked: boolean;
  };
  /** The result ends it. */
  onNews: (listener: (items: FeedItem[], late: boolean) => void) => () => void;
  /** The seat that this tab held before it was reloaded. */
  seated(): Ticket | null;
  enter(again: boolean): void;
  /** Take the seat back from the endpoint that replaced this one. */
  comeBack(): Promise<void>;
  load(): Promise<void>;
  retryLoad(): void;
}

const key: InjectionKey<Live> = Symbol('live');
const meRetry = [1000, 2000, 4000, 8000];

export function provideLiveTo(app: App, live: Live): void {
  app.provide(key, live);
}

export function useLive(): Live {
  const live = inject(key);
  if (!live) throw new Error('no live store');
  return live;
}

function ticketKey(login: string): string {
  return `conference.seat.${login}`;
}

function createConference(login: string, news: Set<(items: FeedItem[], late: boolean) => void>): Live['conference'] {
  let waiting = false;
  const changed = (): void => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      triggerRef(conference);
    });
  };
  const conference = shallowRef(
    new Conference({
      login,
      locale: () => locale.value,
      open: openSocket,
      store: ticketStore(sessionStorage, ticketKey(login)),
      changed,
      news: (items, late) => news.forEach((listener) => listener(items, late)),
    }),
  );
  return conference;
}

export function createLive(): Live {
  const login = loginOf(location.pathname);
  const news = new Set<(items: FeedItem[], late: boolean) => void>();
  const capture = createCapture();
  const conference = createConference(login, news);
  const page: Live['page'] = shallowReactive({
    me: null,
    trouble: null,
    fault: browserFault(window),
    entered: false,
    soundBlocked: false,
  });
  const enter = (again: boolean): void => {
    const muted: Muted = { ...capture.muted };
    page.entered = true;
    conference.value.enter(capture.handOver(), muted, again);
  };
  return {
    login,
    capture,
    conference,
    page,
    onNews: (listener) => {
      news.add(listener);
      return () => news.delete(listener);
    },
    seated: () => ticketStore(sessionStorage, ticketKey(login)).load(),
    enter,
    comeBack: async () => {
      await capture.open();
      enter(false);
    },
    ...createLoader(login, page),
  };
}

function createLoader(login: string, page: Live['page']): Pick<Live, 'load' | 'retryLoad'> {
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const load = async (): Promise<void> => {
    clearTimeout(timer);
    try {
      const answer = await fetch(`/u/${login}/api/me?lang=${locale.value}`);
      if (answer.ok) {
        page.me = (await answer.json()) as Me;
        page.trouble = null;
      } else if (answer.status < 500) page.trouble = { name: 'login' };
      else later();
    } catch {
      later();
    }
  };
  const later = (): void => {
    const wait = meRetry[Math.min(attempt, meRetry.length - 1)] ?? 8000;
    attempt += 1;
    page.trouble = { name: 'unreachable', until: Date.now() + wait, attempt };
    timer = setTimeout(() => void load(), wait);
  };
  return { load, retryLoad: () => void load() };
}
