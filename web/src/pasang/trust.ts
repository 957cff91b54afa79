// What this page tells of the trust package: the verifier reads it whole and strictly, this is only its label.

import { lang } from '../text';

export interface TrustLabel {
  name: string | undefined;
  date: Date | undefined;
  anchors: number;
  kept: Date | undefined; // when the copy on this device was fetched; nothing when it came from the server just now
}

export async function trustLabel(): Promise<TrustLabel | undefined> {
  try {
    const response = await fetch('/trust/package.json', { credentials: 'omit' });
    if (!response.ok) return undefined;
    const kept = response.headers.get('Absah-Kept');
    return { ...read(await response.json()), kept: kept === null ? undefined : date(kept) };
  } catch {
    return undefined; // no network and no copy
  }
}

export function read(told: unknown): Omit<TrustLabel, 'kept'> {
  const { name, date: at, anchors } = (told ?? {}) as { name?: Record<string, unknown>; date?: unknown; anchors?: unknown };
  const words = name?.[lang] ?? name?.id;
  return {
    name: typeof words === 'string' ? words : undefined,
    date: typeof at === 'string' ? date(at) : undefined,
    anchors: Array.isArray(anchors) ? anchors.length : 0,
  };
}

function date(text: string): Date | undefined {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
