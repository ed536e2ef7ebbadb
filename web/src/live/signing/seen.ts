// Which clauses were on the screen to their end.

import { type ComponentPublicInstance, onBeforeUnmount, shallowReactive } from 'vue';

export interface Seen {
  has(n: number): boolean;
  /** For `:ref` of the element that ends clause `n`. */
  end(n: number): (element: Element | ComponentPublicInstance | null) => void;
}

export function useSeen(): Seen {
  const seen = shallowReactive(new Set<number>());
  const numbers = new Map<Element, number>();
  const observer = new IntersectionObserver((entries) => {
    if (document.visibilityState !== 'visible') return;
    entries.forEach(({ isIntersecting, target }) => {
      const n = numbers.get(target);
      if (isIntersecting && n !== undefined) seen.add(n);
    });
  });
  // What came to the screen while the page was hidden counts once it is looked at.
  const lookAgain = (): void => {
    numbers.forEach((_, element) => {
      observer.unobserve(element);
      observer.observe(element);
    });
  };
  document.addEventListener('visibilitychange', lookAgain);
  onBeforeUnmount(() => {
    observer.disconnect();
    document.removeEventListener('visibilitychange', lookAgain);
  });
  return { has: (n) => seen.has(n), end: endOf(observer, numbers) };
}

/** The same function for the same clause, so that a new drawing of the page observes nothing anew. */
function endOf(observer: IntersectionObserver, numbers: Map<Element, number>): Seen['end'] {
  const shown = new Map<number, Element>();
  const known = new Map<number, ReturnType<Seen['end']>>();
  const take = (n: number, element: unknown): void => {
    const before = shown.get(n);
    if (before === element) return;
    if (before) {
      observer.unobserve(before);
      numbers.delete(before);
      shown.delete(n);
    }
    if (element instanceof Element) {
      shown.set(n, element);
      numbers.set(element, n);
      observer.observe(element);
    }
  };
  return (n) => {
    const taker = known.get(n) ?? ((element) => take(n, element));
    known.set(n, taker);
    return taker;
  };
}
