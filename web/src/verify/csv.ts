// A table that every spreadsheet opens: quoted as RFC 4180 says, with a mark that tells Excel the alphabet.

/** One text; rows[0] is the head. */
export function csv(rows: readonly (readonly string[])[]): string {
  return '\uFEFF' + rows.map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

/** A text that begins like a formula would be run by a spreadsheet; file names and signers come from strangers. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? "'" + text : text;
  return /[",\r\n]/.test(harmless) ? '"' + harmless.replaceAll('"', '""') + '"' : harmless;
}
