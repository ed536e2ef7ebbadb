// The message catalogues and the language of the page.

import { computed, watchEffect } from 'vue';
import { createI18n } from 'vue-i18n';

import type { WireError } from '../client/wire';
import en from '../locales/en.json';
import zh from '../locales/zh-CN.json';

export type Locale = 'zh-CN' | 'en';
/** A language is offered once its catalogue is complete. */
export const locales: readonly { locale: Locale; name: string }[] = [
  { locale: 'zh-CN', name: '中文' },
  { locale: 'en', name: 'English' },
];

function known(locale: string | null | undefined): Locale | null {
  return locales.find((each) => each.locale === locale)?.locale ?? null;
}

const remembered = 'conference.locale';

export const i18n = createI18n({
  legacy: false,
  flatJson: true,
  locale: known(sessionStorage.getItem(remembered)) ?? known(document.documentElement.lang) ?? 'zh-CN',
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zh, en },
});

export const locale = computed<Locale>({
  get: () => i18n.global.locale.value,
  set: (value) => {
    i18n.global.locale.value = value;
    sessionStorage.setItem(remembered, value);
  },
});

/** The catalogue has this text. */
export function has(key: string): boolean {
  return i18n.global.te(key);
}

/** What a refusal says: the server's own words, or the page's where the page refused. */
export function sentence(error: WireError, t: (key: string) => string): string {
  if (error.message) return error.message;
  return has(`error.${error.code}`) ? t(`error.${error.code}`) : t('error.unknown');
}

export function followLocale(): void {
  watchEffect(() => {
    document.documentElement.lang = locale.value;
  });
}
