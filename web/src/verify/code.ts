// What a QR on paper may lead to. Forged letters carry codes to addresses that look like the real one, so only codes of this very host
// are opened, and all others are named.

export type Scanned =
  | { kind: 'own'; code: string }
  | { kind: 'other'; host: string; alike: boolean }
  | { kind: 'text' };

/** Codes as this server makes them. */
const paperPath = /^\/v\/([A-Za-z0-9-]{4,64})\/?$/;

export function scanned(text: string, host: string): Scanned {
  const trimmed = text.trim();
  let url: URL;
  try {
    url = new URL(/^[\w-]+(\.[\w-]+)+(:\d+)?\//.test(trimmed) ? 'https://' + trimmed : trimmed);
  } catch {
    return { kind: 'text' };
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { kind: 'text' };
  const path = paperPath.exec(url.pathname);
  // A name before the host ("https://this.host@other/") is a disguise.
  if (url.host === host && path && url.username === '' && url.password === '') return { kind: 'own', code: path[1]! };
  return { kind: 'other', host: url.host, alike: url.host !== host && alike(url.host, host) };
}

/** Whether a host could be taken for ours: few letters differ, it carries our name inside, or it hides letters of other alphabets. */
export function alike(other: string, own: string): boolean {
  const a = name(other);
  const b = name(own);
  if (a === b) return other !== own;
  if (/(^|\.)xn--/.test(a)) return true;
  const folded = fold(a);
  const target = fold(b);
  if (folded.includes(target) || folded.replaceAll('-', '.').includes(target) || folded.replace(/[.-]/g, '').includes(target.replace(/[.-]/g, ''))) return true;
  return distance(folded, target) <= (target.length < 8 ? 1 : 2);
}

function name(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '').replace(/^www\./, '');
}

/** Characters that look alike in most fonts. */
function fold(s: string): string {
  return s.replaceAll('rn', 'm').replaceAll('vv', 'w').replace(/[0]/g, 'o').replace(/[1i|]/g, 'l').replace(/5/g, 's');
}

function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
