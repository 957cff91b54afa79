import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, expect, inject, test } from 'vitest';
import { launchServer, Watched } from './browser';
import { root } from './demo';
import { Folder } from './documents';
import { memory, ProcessorLimit } from './limit';
import { signOnPage, signWithKey, writePDF } from './samples';
import { answered, choose, openVerifier, workedOff } from './verifier';

// npm run speed: how long the page for checking documents takes, into docs/web.md. Figures of one machine; nothing fails by time.

const instance = inject('instance');
const folder = await Folder.make();
const rows: string[][] = [];
const times = Number(process.env.TIMES ?? 5);

/** A quarter of a core for each core that the browser would have. */
const quarter = cpus().length / 4;

interface Timing {
  verdict: number;
  longest: number;
  delay: number;
}

/** Begins to listen for what keeps the page from answering. */
async function listen(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen = { longest: 0, delay: 0 };
    (globalThis as unknown as { seen: typeof seen }).seen = seen;
    new PerformanceObserver((list) => {
      for (const e of list.getEntries()) seen.longest = Math.max(seen.longest, e.duration);
    }).observe({ type: 'longtask' });
    new PerformanceObserver((list) => {
      for (const e of list.getEntries() as PerformanceEventTiming[])
        seen.delay = Math.max(seen.delay, e.processingStart - e.startTime);
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
  });
}

async function heard(page: Page): Promise<{ longest: number; delay: number }> {
  return page.evaluate(() => (globalThis as unknown as { seen: { longest: number; delay: number } }).seen);
}

/** The time from the choice of a file to the verdict on the screen, by the page's own clock. */
async function timed(page: Page, file: string, kind: string): Promise<Timing> {
  await listen(page);
  await page.evaluate(() => {
    const g = globalThis as unknown as { begun: number; took: number };
    g.took = 0;
    addEventListener('change', () => (g.begun = performance.now()), { capture: true, once: true });
    const watch = new MutationObserver(() => {
      if (document.querySelector('.verdict.drawn') === null) return;
      watch.disconnect();
      requestAnimationFrame(() => (g.took = performance.now() - g.begun));
    });
    watch.observe(document.body, { childList: true, subtree: true });
  });
  await choose(page, [file]);
  expect(await answered(page, 600_000)).toBe(kind);
  const took = await page.waitForFunction(() => (globalThis as unknown as { took: number }).took || false, undefined, {
    timeout: 60_000,
  });
  return { verdict: (await took.jsonValue()) as number, ...(await heard(page)) };
}

async function back(page: Page): Promise<void> {
  await page.locator('.back button').click();
  await page.locator('.verdict.drawn').waitFor({ state: 'detached' });
}

function ms(n: number): string {
  return Math.round(n).toString();
}

const median = (list: number[]): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

type Way = 'free' | 'page' | 'all';
const ways: Record<Way, string> = {
  free: 'no limit',
  page: "page's thread at a quarter (developer tools)",
  all: 'whole browser at a quarter (kernel)',
};

async function withBrowser<T>(
  way: Way,
  work: (w: Watched, pid: number, slow: () => Promise<void>) => Promise<T>,
): Promise<T | undefined> {
  const limit = way === 'all' ? await ProcessorLimit.make('absah-speed') : undefined;
  if (way === 'all' && limit === undefined) return undefined;
  const server = await launchServer();
  try {
    await limit?.cores(0);
    await limit?.take(server.pid);
    const w = await Watched.open({ width: 390, instance }, server.browser);
    const slow = async (): Promise<void> => {
      if (way === 'page') await (await w.context.newCDPSession(w.page)).send('Emulation.setCPUThrottlingRate', { rate: 4 });
      await limit?.take(server.pid);
      await limit?.cores(quarter);
    };
    const out = await work(w, server.pid, slow);
    expect(await w.close()).toEqual([]);
    return out;
  } finally {
    await limit?.cores(0);
    await server.close();
    await limit?.remove();
  }
}

test('2 MB, signed at B-LT', async () => {
  const plain = path.join(folder.dir, 'surat.pdf');
  await writePDF(plain, 4, 2_000_000);
  const budi = await Watched.open({ as: 'Budi', instance });
  const file = await folder.write('surat_sign.pdf', await signOnPage(budi, instance, plain, 'Surat dua megabita'));
  await budi.close();
  for (const way of ['free', 'page', 'all'] as const) {
    const first: Timing[] = [];
    const second: Timing[] = [];
    for (let i = 0; i < times; i++) {
      const done = await withBrowser(way, async (w, _, slow) => {
        await openVerifier(w);
        await slow();
        first.push(await timed(w.page, file, 'valid-with-notes'));
        await back(w.page);
        second.push(await timed(w.page, file, 'valid-with-notes'));
        return true;
      });
      if (done === undefined) break;
    }
    if (first.length === 0) continue;
    for (const [name, list] of [
      ['2 MB, first document (verifier is fetched and started)', first] as const,
      ['2 MB, next document', second] as const,
    ]) {
      rows.push([
        name,
        ways[way],
        ms(median(list.map((t) => t.verdict))),
        ms(Math.min(...list.map((t) => t.verdict))),
        ms(Math.max(...list.map((t) => t.longest))),
        '',
        '',
      ]);
    }
  }
});

test('500 documents at once', async () => {
  const files: string[] = [];
  const signed = await readFile(path.join(instance.dir, 'signed/surat-contoh_sign.pdf'));
  for (let i = 0; i < 500; i++) files.push(await folder.write(`surat-${String(i).padStart(3, '0')}.pdf`, signed));
  for (const way of ['free', 'page', 'all'] as const) {
    await withBrowser(way, async (w, pid, slow) => {
      await openVerifier(w);
      await slow();
      await listen(w.page);
      const start = performance.now();
      await choose(w.page, files);
      const working = workedOff(w.page, 1_200_000);
      let busy = true;
      void working.finally(() => (busy = false));
      // A person who goes on using the page: keys are pressed while it works.
      while (busy) {
        await w.page.keyboard.press('Tab');
        await w.page.waitForTimeout(100);
      }
      await working;
      const took = performance.now() - start;
      const { longest, delay } = await heard(w.page);
      rows.push(['500 documents', ways[way], ms(took), '', ms(longest), ms(delay), String(await memory(pid))]);
    });
  }
});

test('300 MB', async () => {
  const plain = path.join(folder.dir, 'besar.pdf');
  await writePDF(plain, 100, 300_000_000);
  await large(await signWithKey(instance.program, folder.dir, plain), '300 MB, 100 pages');
});

test('2,000 pages', async () => {
  const plain = path.join(folder.dir, 'tebal.pdf');
  await writePDF(plain, 2000);
  await large(await signWithKey(instance.program, folder.dir, plain), '2,000 pages');
});

async function large(file: string, name: string): Promise<void> {
  for (const way of ['free', 'page'] as const) {
    await withBrowser(way, async (w, pid, slow) => {
      await openVerifier(w);
      await slow();
      const t = await timed(w.page, file, 'indeterminate');
      rows.push([`${name}: the verdict`, ways[way], ms(t.verdict), '', ms(t.longest), ms(t.delay), String(await memory(pid))]);
    });
  }
}

/** What is known so far: a run takes long, and may be ended early. */
async function writeDown(): Promise<void> {
  const head = '| what | limit | ms (median) | ms (best) | longest task, ms | input delay, ms | memory, MB |';
  const table = [head, '|---|---|---|---|---|---|---|', ...rows.map((r) => `| ${r.join(' | ')} |`)].join('\n');
  const to = path.join(root, 'docs/web.md');
  const before = await readFile(to, 'utf8').catch(() => '<!-- speed -->\n<!-- /speed -->\n');
  await writeFile(to, before.replace(/<!-- speed -->[^]*<!-- \/speed -->/, () => `<!-- speed -->\n${table}\n<!-- /speed -->`));
}

afterEach(writeDown);
afterAll(() => folder.remove());
