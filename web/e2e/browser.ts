import { access, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Browser, type BrowserContext, chromium, type ConsoleMessage, type Cookie, type Page, type Worker } from 'playwright-core';
import { afterAll, afterEach, inject } from 'vitest';
import type { Instance } from './demo';
import type { Recorder } from './proxy';

export type Language = 'id' | 'en';
export type Theme = 'light' | 'dark';

/** How a page is to be looked at. */
export interface Look {
  language?: Language;
  theme?: Theme;
  width?: number;
  height?: number;
  /** Text size of the browser, 2 is 200 %. */
  text?: number;
  reducedMotion?: boolean;
  forcedColors?: boolean;
  contrast?: boolean;
  /** Log in as this person of the demo, by the beginning of the name. */
  as?: string;
  /** All traffic goes through this recorder. */
  recorder?: Recorder;
  /** Console messages that belong to the test, such as the refused request of a page that is told to be offline. */
  expect?: RegExp[];
  /** false: pages without JavaScript. */
  javaScript?: boolean;
  /** Service workers are off unless the test is about them, because a page that they answer is one step less direct. */
  serviceWorkers?: boolean;
  touch?: boolean;
  permissions?: string[];
  instance?: Instance;
}

const plain = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-extensions',
  '--disable-dev-shm-usage',
  '--mute-audio',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), // Chromium does not start as root otherwise
];

/** Where Debian and others put it. */
export async function chromiumPath(): Promise<string> {
  for (const p of [process.env.CHROMIUM ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']) {
    if (p === '') continue;
    try {
      await access(p);
      return p;
    } catch {
      // the next one
    }
  }
  throw new Error('Chromium is not installed: apt-get install chromium');
}

export async function launch(args: string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: await chromiumPath(), args: [...plain, ...args] });
}

/** A browser whose process is known, and which can be opened to several times. */
export async function launchServer(): Promise<{ browser: Browser; pid: number; close(): Promise<void> }> {
  const server = await chromium.launchServer({ executablePath: await chromiumPath(), args: plain });
  const browser = await chromium.connect(server.wsEndpoint());
  return { browser, pid: server.process().pid ?? 0, close: () => server.close() };
}

let shared: Promise<Browser> | undefined;
const opened: Watched[] = [];

/** The browser of this test file. */
export async function browser(): Promise<Browser> {
  return (shared ??= launch());
}

afterEach(async () => {
  const faults: string[] = [];
  for (const w of opened.splice(0)) {
    faults.push(...(await w.close()));
  }
  if (faults.length > 0) throw new Error(`the page complained:\n${faults.join('\n')}`);
});

afterAll(async () => {
  await (await shared)?.close();
  shared = undefined;
});

/** A page of which nothing unexpected may be heard: no error on the console, no exception, no breach of a content policy. */
export class Watched {
  readonly faults: string[] = [];
  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly url: string,
    private readonly look: Look,
  ) {}

  static async open(look: Look = {}, on?: Browser): Promise<Watched> {
    const instance = look.instance ?? inject('instance');
    const context = await (on ?? (await browser())).newContext({
      baseURL: instance.url,
      locale: look.language === 'en' ? 'en-GB' : 'id-ID',
      timezoneId: 'Asia/Jakarta',
      viewport: { width: look.width ?? 1280, height: look.height ?? ((look.width ?? 1280) < 640 ? 844 : 900) },
      colorScheme: look.theme ?? 'light',
      reducedMotion: look.reducedMotion === true ? 'reduce' : 'no-preference',
      forcedColors: look.forcedColors === true ? 'active' : 'none',
      contrast: look.contrast === true ? 'more' : 'no-preference',
      javaScriptEnabled: look.javaScript ?? true,
      serviceWorkers: look.serviceWorkers === true ? 'allow' : 'block',
      hasTouch: look.touch ?? false,
      permissions: look.permissions ?? [],
      acceptDownloads: true,
      // Chromium leaves the loopback out of proxies unless it is told not to.
      ...(look.recorder === undefined ? {} : { proxy: { server: look.recorder.address, bypass: '<-loopback>' } }),
    });
    if (look.language === 'en') await context.addCookies([{ name: 'absah_lang', value: 'en', url: instance.url }]);
    const page = await context.newPage();
    const w = new Watched(context, page, instance.url, look);
    await w.watch();
    if (look.as !== undefined) await w.logIn(look.as, instance);
    if (look.text !== undefined) await w.enlarge(look.text);
    return w;
  }

  private async watch(): Promise<void> {
    await this.context.exposeBinding('absahBreach', (_, what: string) => {
      this.faults.push(`content policy: ${what}`);
    });
    await this.context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (e) => {
        const told = (globalThis as unknown as { absahBreach?: (s: string) => void }).absahBreach;
        told?.(
          `${e.violatedDirective} on ${location.pathname}: ${e.blockedURI} ${e.sample} (${e.sourceFile}:${String(e.lineNumber)})`,
        );
      });
    });
    const hear = (m: ConsoleMessage): void => {
      if (m.type() !== 'error' && m.type() !== 'warning') return;
      if (m.text() === 'Service Worker registration blocked by Playwright') return; // as this look asks
      const line = `${m.type()}: ${m.text()} (${m.location().url})`;
      if (!(this.look.expect ?? []).some((e) => e.test(line))) this.faults.push(line);
    };
    const follow = (page: Page): void => {
      page.on('console', hear);
      page.on('pageerror', (e) => this.faults.push(`exception: ${e.stack ?? e.message}`));
      page.on('crash', () => this.faults.push('the page crashed'));
    };
    this.context.on('page', follow);
    follow(this.page);
    this.context.on('serviceworker', (w: Worker) => {
      w.on('console', hear);
    });
  }

  private async logIn(name: string, instance: Instance): Promise<void> {
    const person = instance.people.find((p) => p.name.startsWith(name));
    if (person === undefined) throw new Error(`the demo has no ${name}`);
    // One log-in for all tests of an instance: it takes only so many from one address in a time.
    const kept = path.join(instance.dir, `session-${name}.json`);
    const cookies = await readFile(kept, 'utf8').catch(() => undefined);
    if (cookies !== undefined) {
      await this.context.addCookies(JSON.parse(cookies) as Cookie[]);
      return;
    }
    const answer = await this.context.request.post('/masuk', {
      form: { nik: person.nik, password: person.password },
      headers: { Origin: this.url },
    });
    if (!answer.ok()) throw new Error(`log-in of ${name}: ${String(answer.status())}`);
    await writeFile(kept, JSON.stringify((await this.context.cookies()).filter((c) => c.name !== 'absah_lang')));
  }

  /** Text of another size as a person sets it in the browser: it changes what rem, em and % are counted from, and px text by zoom. */
  private async enlarge(times: number): Promise<void> {
    await this.context.addInitScript((factor) => {
      document.addEventListener('DOMContentLoaded', () => {
        document.documentElement.style.setProperty('font-size', `${String(factor * 100)}%`);
      });
    }, times);
  }

  async goto(path: string): Promise<void> {
    await this.page.goto(path, { waitUntil: 'load' });
    await this.settled();
  }

  /** Waits until a route of the app stands; server pages stand at once. */
  async settled(): Promise<void> {
    if (this.look.javaScript === false) return;
    await this.page.waitForFunction(() => {
      const app = document.getElementById('app');
      return app === null || app.dataset.ready !== undefined;
    });
  }

  async close(): Promise<string[]> {
    await this.context.close();
    return this.faults;
  }
}

/** Opens a page that is closed and judged when the test ends. */
export async function open(look: Look = {}): Promise<Watched> {
  const w = await Watched.open(look);
  opened.push(w);
  return w;
}

/** The source of axe-core: addScriptTag is blocked by our policy, which is right. */
export const axeSource: Promise<string> = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
