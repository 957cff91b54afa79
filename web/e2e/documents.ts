import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { corpus, root } from './demo';

/** A PDF, and when it is to be judged. */
export interface Document {
  file: string;
  at: string;
  /** What it is owed: only for our own vectors. */
  verdicts?: string[];
  password?: string;
}

/** When documents of others are judged: their certificates are valid then, or should be judged as expired for ever. */
export const judgedAt = '2026-08-01T00:00:00Z';

export const vectorTrust = path.join(root, 'vectors/trust.json');

/** The project's own test files, each at its time. */
export async function vectors(): Promise<Document[]> {
  const manifest = JSON.parse(await readFile(path.join(root, 'vectors/manifest.json'), 'utf8')) as {
    vectors: { file: string; at: string; expect: { verdict: string[] } }[];
  };
  return manifest.vectors.map((v) => ({ file: path.join(root, 'vectors', v.file), at: v.at, verdicts: v.expect.verdict }));
}

export const haveCorpus = existsSync(path.join(corpus, 'manifest.csv'));

/** Every file of the public corpus that somebody could drop on the page, sorted: PDFs, and what only claims to be one. */
export async function publicFiles(): Promise<Document[]> {
  const out: Document[] = [];
  for (const folder of ['signed', 'attacks', 'unsigned']) {
    for (const e of await readdir(path.join(corpus, folder), { recursive: true, withFileTypes: true })) {
      if (!e.isFile() || !/\.(pdf|fuzz)$/i.test(e.name)) continue;
      out.push({ file: path.join(e.parentPath, e.name), at: judgedAt });
    }
  }
  const passwords = new Map<string, string>();
  for (const line of (await readFile(path.join(corpus, 'manifest.csv'), 'utf8')).split('\n')) {
    const m = /^([^,]+),.*password_user=([^;"]*)/.exec(line);
    if (m?.[1] === undefined || m[2] === undefined || m[2] === '(empty)' || m[2] === '(unknown)') continue;
    passwords.set(path.join(corpus, m[1]), decodeURIComponent(m[2]));
  }
  for (const d of out) d.password = passwords.get(d.file);
  return out.sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** A folder with copies under names that are different from each other, as the page only knows a file's own name. */
export class Folder {
  private constructor(readonly dir: string) {}

  static async make(): Promise<Folder> {
    return new Folder(await mkdtemp(path.join(tmpdir(), 'absah-e2e-files-')));
  }

  /** Copies documents and returns their new paths in the same order. */
  async take(documents: Document[]): Promise<string[]> {
    const out: string[] = [];
    for (const [i, d] of documents.entries()) {
      const to = path.join(this.dir, `${String(i).padStart(4, '0')}-${path.basename(d.file)}`);
      await copyFile(d.file, to);
      out.push(to);
    }
    return out;
  }

  async write(name: string, content: string | Uint8Array): Promise<string> {
    const to = path.join(this.dir, name);
    await writeFile(to, content);
    return to;
  }

  remove(): Promise<void> {
    return rm(this.dir, { recursive: true, force: true });
  }
}

/** What `absah verify --json --offline` prints for files of a folder: a line for each, by its name; no line when it could not be judged. */
export async function commandLine(
  program: string,
  folder: Folder,
  names: string[],
  how: { trust: string; at: string; password?: string },
): Promise<Map<string, string>> {
  const args = ['verify', '--json', '--offline', '--trust', how.trust, '--at', how.at];
  if (how.password !== undefined) args.push('--password-file', await folder.write('password.txt', how.password));
  // The exit status tells of verdicts, and the lines tell of them as well.
  const out = await new Promise<string>((resolve, reject) => {
    execFile(program, [...args, ...names], { cwd: folder.dir, maxBuffer: 256 << 20 }, (error, stdout, stderr) => {
      if (error !== null && (typeof error.code !== 'number' || error.code === 2 || error.code === 80))
        reject(new Error(`${error.message}\n${stderr}`));
      else resolve(stdout);
    });
  });
  const lines = new Map<string, string>();
  for (const line of out.split('\n')) {
    if (line !== '') lines.set((JSON.parse(line) as { file: string }).file, line);
  }
  return lines;
}
