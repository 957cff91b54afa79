import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The folder of the Go module. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Where the public files of others lie; they are not part of the project. */
export const corpus = process.env.ABSAH_CORPUS ?? path.join(root, '../shared/corpus');

/** One of the demo's invented people, as demo.json has them. */
export interface Person {
  role: string;
  nik: string;
  name: string;
  email: string;
  password: string;
}

/** What a test must know about the demo that runs; it is handed from vitest's set-up to each test file, so it is plain data. */
export interface Instance {
  url: string;
  dir: string;
  program: string;
  people: Person[];
  passphrase: string;
}

/** A demo that this process started, and ends. */
export interface Demo extends Instance {
  stop(): Promise<void>;
  /** Ends the server and keeps its folder, so that start() opens the same instance on the same address. */
  pause(): Promise<void>;
  start(): Promise<void>;
}

/** Builds the program with what lies in internal/web/dist. */
export async function build(): Promise<{ program: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(path.join(tmpdir(), 'absah-e2e-'));
  const program = path.join(dir, 'absah');
  await run('go', ['build', '-o', program, './cmd/absah'], { cwd: root, env: { ...process.env, CGO_ENABLED: '0' } });
  return { program, remove: () => rm(dir, { recursive: true, force: true }) };
}

/** Builds the web app, unless it is there already: what is tested is what the sources say. */
export async function buildApp(): Promise<void> {
  // What vitest sets would make a build for tests, with Svelte's own checks in it.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'NODE_ENV' && !name.startsWith('VITEST')));
  await run('sh', ['scripts/web.sh'], { cwd: root, env });
}

/** Starts a demo in a folder of its own on a free port and waits until it serves. */
export async function startDemo(program: string): Promise<Demo> {
  const dir = await mkdtemp(path.join(tmpdir(), 'absah-e2e-demo-'));
  let child: ChildProcess | undefined;
  let url = '';

  async function start(): Promise<void> {
    const listen = url === '' ? '127.0.0.1:0' : new URL(url).host;
    const own = spawn(program, ['demo', '--dir', dir, '--listen', listen], { stdio: ['ignore', 'pipe', 'pipe'] });
    child = own;
    let out = '';
    await new Promise<void>((resolve, reject) => {
      own.stdout.on('data', (b: Buffer) => {
        out += b.toString();
        const m = /^(http:\/\/127\.0\.0\.1:\d+) {2}\(/m.exec(out);
        if (m?.[1] !== undefined && out.includes('Ctrl+C')) {
          url = m[1];
          resolve();
        }
      });
      own.stderr.on('data', (b: Buffer) => {
        out += b.toString();
      });
      own.once('exit', (code) => {
        reject(new Error(`absah demo ended with ${String(code)}:\n${out}`));
      });
    });
  }

  async function pause(): Promise<void> {
    const own = child;
    child = undefined;
    if (own === undefined || own.exitCode !== null) return;
    const ended = new Promise((resolve) => own.once('exit', resolve));
    own.kill('SIGINT');
    await ended;
  }

  await start();
  const state = JSON.parse(await readFile(path.join(dir, 'demo.json'), 'utf8')) as {
    people: Person[];
    signing: string;
  };
  return {
    url,
    dir,
    program,
    people: state.people,
    passphrase: state.signing,
    start,
    pause,
    stop: async () => {
      await pause();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
