import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import type { Watched } from './browser';

// The page for checking documents, as a person uses it.

/** Opens the page; at sets the time that documents are judged for, as its technical options let everybody do. */
export async function openVerifier(w: Watched, at?: string): Promise<void> {
  await w.goto('/verifikasi');
  if (at !== undefined) await judgeAt(w.page, at);
}

export async function judgeAt(page: Page, at: string): Promise<void> {
  const field = page.locator('#menurut');
  if (!(await field.isVisible())) await page.locator('details > summary').last().click();
  // The field is in the zone of the browser, which the tests set to WIB.
  const local = new Date(Date.parse(at) + 7 * 3_600_000).toISOString().slice(0, 19);
  await field.fill(local);
  await field.dispatchEvent('change');
}

/** Chooses files with the page's own button. */
export async function choose(page: Page, files: string[]): Promise<void> {
  await page.locator('input[type=file][multiple]:not([webkitdirectory])').first().setInputFiles(files);
}

/** Waits until a single document has its answer, and returns what kind: a verdict's key, 'locked' or 'failed'. */
export async function answered(page: Page, timeout = 60_000): Promise<string> {
  const band = page.locator('.verdict.drawn');
  const trouble = page.locator('.trouble');
  const locked = page.locator('#sandi');
  await band.or(trouble).or(locked).first().waitFor({ timeout });
  if (await trouble.isVisible()) return 'failed';
  if (await locked.isVisible()) return 'locked';
  const classes = ((await band.first().getAttribute('class')) ?? '').split(' ');
  return classes.find((c) => !['verdict', 'drawn'].includes(c) && !c.startsWith('s-')) ?? '';
}

/** Waits until the list of documents is worked off. */
export async function workedOff(page: Page, timeout = 600_000): Promise<void> {
  await page.locator('#daftar').waitFor();
  await page.waitForFunction(
    () => {
      const list = document.getElementById('daftar')?.closest('section');
      return list !== null && list !== undefined && list.querySelector('progress') === null;
    },
    undefined,
    { timeout, polling: 250 },
  );
}

/** Presses a button that hands over a file, and returns what is in it. */
export async function download(page: Page, button: RegExp): Promise<{ name: string; bytes: Buffer }> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()]);
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
}
