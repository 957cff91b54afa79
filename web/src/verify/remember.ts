// What of the list survives a reload: names and verdicts, never a document. The browser forgets it with the tab.

/** A row as it was before the page was loaded again. */
export interface Remembered {
  name: string;
  folder: string;
  size: number;
  /** '' where the verdict was not there yet, 'failed' where there was none to be had. */
  verdict: string;
  word: string;
  signers: string;
  when: string;
}

const place = 'absah.verifikasi.daftar';
/** A browser gives five megabytes to a site; a list of names takes less. */
const maxText = 1_000_000;
const maxField = 400;

export function remember(rows: readonly Remembered[], store: () => Storage = () => sessionStorage): void {
  try {
    const text = JSON.stringify(rows, (_, v: unknown) => (typeof v === 'string' ? v.slice(0, maxField) : v));
    if (rows.length === 0) store().removeItem(place);
    else if (text.length <= maxText) store().setItem(place, text);
  } catch {
    // No storage, or none left: the list lives as long as the page does.
  }
}

export function recall(store: () => Storage = () => sessionStorage): Remembered[] {
  try {
    const rows: unknown = JSON.parse(store().getItem(place) ?? '[]');
    return Array.isArray(rows) ? rows.filter(isRow) : [];
  } catch {
    return [];
  }
}

function isRow(x: unknown): x is Remembered {
  if (typeof x !== 'object' || x === null) return false;
  const r = x as Record<string, unknown>;
  return (
    typeof r.size === 'number' &&
    ['name', 'folder', 'verdict', 'word', 'signers', 'when'].every((k) => typeof r[k] === 'string' && (r[k] as string).length <= maxField)
  );
}
