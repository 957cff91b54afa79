// File names come from strangers: characters that reverse, hide or break text would let "dua\u202efdp.exe" look like another file.

const harmful = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A name as the page shows it. */
export function shownName(name: string): string {
  return name.replace(harmful, '\uFFFD');
}
