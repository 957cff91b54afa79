import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { open } from './browser';
import { commandLine, type Document, Folder, haveCorpus, judgedAt, publicFiles, vectors, vectorTrust } from './documents';
import { Recorder } from './proxy';
import { choose, download, openVerifier, workedOff } from './verifier';

// What the page says about a document is, to the letter, what the command line says; and no part of a document leaves the page.

const instance = inject('instance');
const folder = await Folder.make();
afterAll(() => folder.remove());

/** Lets the page judge documents, all at the same time, and returns the lines of the file that it hands over for scripts. */
async function pageLines(
  files: string[],
  at: string,
  trust: string,
): Promise<{ lines: Map<string, string>; recorder: Recorder }> {
  const recorder = await Recorder.start(instance.url);
  recorder.instead.set('/trust/package.json', await readFile(trust));
  const w = await open({ recorder });
  await openVerifier(w, at);
  await choose(w.page, files);
  await workedOff(w.page);
  const { bytes } = await download(w.page, /JSON/);
  const lines = new Map<string, string>();
  for (const line of bytes.toString('utf8').split('\n'))
    if (line !== '') lines.set((JSON.parse(line) as { file: string }).file, line);
  await recorder.stop();
  return { lines, recorder };
}

/** Both sides on the same copies of documents that are judged at the same time. */
async function compare(
  documents: Document[],
  at: string,
  trust: string,
): Promise<{ judged: number; lines: Map<string, string> }> {
  const files = await folder.take(documents);
  const names = files.map((f) => path.basename(f));
  const { lines, recorder } = await pageLines(files, at, trust);
  const want = await commandLine(instance.program, folder, names, { trust, at });
  const different: string[] = [];
  for (const name of names) {
    if (lines.get(name) !== want.get(name))
      different.push(
        `${name}\n  page:         ${lines.get(name) ?? 'no answer'}\n  command line: ${want.get(name) ?? 'no answer'}`,
      );
  }
  expect(different).toEqual([]);
  await nothingLeft(recorder, files);
  return { judged: want.size, lines };
}

/** Only files of the program and the trust package were asked for, and nothing that was sent holds a part of a document. */
async function nothingLeft(recorder: Recorder, files: string[]): Promise<void> {
  expect(recorder.foreign(instance.url).map((r) => `${r.method} ${r.url}`)).toEqual([]);
  expect(recorder.requests.length).toBeGreaterThan(3);
  const allowed =
    /^\/(verifikasi|app\/[\w./-]+|static\/[\w.-]+|trust\/package\.json|manifest\.webmanifest|favicon\.ico|[\w-]+\.(js|wasm|png|svg))$/;
  const strange = recorder.requests.filter(
    (r) => r.method !== 'GET' || r.body.length > 0 || new URL(r.url).search !== '' || !allowed.test(new URL(r.url).pathname),
  );
  expect(strange.map((r) => `${r.method} ${r.url}`)).toEqual([]);
  // Headers and addresses are what is left to carry something: names, sums and pieces of content are looked for in them.
  const sent = recorder.requests.map((r) => `${r.url}\n${JSON.stringify(r.headers)}`).join('\n');
  for (const file of files.slice(0, 60)) {
    const b = await readFile(file);
    expect(sent).not.toContain(path.basename(file));
    expect(sent).not.toContain(createHash('sha256').update(b).digest('hex'));
    expect(sent).not.toContain(createHash('sha256').update(b).digest('base64'));
  }
}

describe('the page says what the command line says', async () => {
  const all = await vectors();
  const times = [...new Set(all.map((v) => v.at))];

  test.each(times)('our own vectors, at %s', async (at) => {
    const documents = all.filter((v) => v.at === at);
    const { judged, lines } = await compare(documents, at, vectorTrust);
    expect(judged).toBeGreaterThan(documents.length / 2);
    // Two equal refusals would prove nothing: the verdicts are the ones that are owed.
    const wrong = [...lines.values()].flatMap((line) => {
      const r = JSON.parse(line) as { file: string; verdict: string };
      const owed = documents.find((d) => r.file.endsWith(path.basename(d.file)))?.verdicts ?? [];
      return owed.includes(r.verdict) ? [] : [`${r.file}: ${r.verdict}, owed ${owed.join(' or ')}`];
    });
    expect(wrong).toEqual([]);
  });

  test.skipIf(!haveCorpus)('public files: signed, attacked and unsigned', async () => {
    const documents = await publicFiles();
    const { judged } = await compare(documents, judgedAt, path.join(instance.dir, 'trust.pem'));
    expect(judged).toBeGreaterThan(documents.length * 0.8);
  });
});
