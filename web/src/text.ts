// The texts of the app. The catalogues lie with those of the server's pages; only the one that is read is loaded.

import type indonesian from '../../internal/web/text/app/id.json';

export type Lang = 'id' | 'en';

/** Key names a text; svelte-check refuses one that the catalogue does not have. */
export type Key = keyof typeof indonesian;

const catalogues: Record<Lang, () => Promise<{ default: Record<Key, string> }>> = {
  id: () => import('../../internal/web/text/app/id.json'),
  en: () => import('../../internal/web/text/app/en.json'),
};

/** The language of this page: the server decided it, and a change of language is another page. */
export const lang: Lang = document.documentElement.lang === 'en' ? 'en' : 'id';

let texts: Record<string, string> = {};

/** loadTexts fetches the catalogue of the page's language; main calls it before anything is shown. */
export async function loadTexts(): Promise<void> {
  texts = (await catalogues[lang]()).default;
}

/** t is a text with its {name} places filled. */
export function t(key: Key, places: Record<string, string | number> = {}): string {
  const text = texts[key] ?? `⟦${key}⟧`; // a test looks for it
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in places ? String(places[name]) : whole));
}

const locale = lang === 'en' ? 'en-GB' : 'id-ID';

/** number writes a number as the language does: 1.234,5 in Indonesian. */
export function number(n: number, digits = 0): string {
  return n.toLocaleString(locale, { maximumFractionDigits: digits });
}

/** size says how large something is, in the unit that a person would use. */
export function size(bytes: number): string {
  if (bytes >= 1_000_000) return `${number(bytes / 1_000_000, 1)} MB`;
  return `${number(Math.max(1, Math.round(bytes / 1000)))} KB`;
}

/** day writes a date without its time: 12 Januari 2027. */
export function day(at: Date): string {
  return at.toLocaleDateString(locale, { day: 'numeric', month: 'long', year: 'numeric' });
}

/** moment writes a time to the minute, with the zone of this device named. */
export function moment(at: Date): string {
  return at.toLocaleString(locale, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  });
}
