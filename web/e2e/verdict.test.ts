import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { open } from './browser';
import { axe, enlargeText, overflowing, sideways, stretch } from './look';
import { stories, tell } from './stories';

// The answer about a document, for people who see it, hear it, or cannot use a pointer.

/** What a screen reader finds on the page: role and name of everything, in order. */
interface Node {
  role: string;
  name: string;
}

async function heard(w: Awaited<ReturnType<typeof open>>): Promise<Node[]> {
  const client = await w.context.newCDPSession(w.page);
  const { nodes } = await client.send('Accessibility.getFullAXTree');
  return nodes.filter((n) => !n.ignored).map((n) => ({ role: String(n.role?.value ?? ''), name: String(n.name?.value ?? '') }));
}

/** Opens all that is folded away, and what is folded away in it. */
async function unfold(page: Page): Promise<void> {
  await page.locator('main details').first().waitFor();
  for (let n = 1; n > 0;) {
    n = await page.evaluate(() => {
      const closed = document.querySelectorAll<HTMLElement>('main details:not([open]) > summary');
      closed.forEach((s) => s.click());
      return closed.length;
    });
    await page.waitForTimeout(100);
  }
}

describe.each(['id', 'en'] as const)('in %s', (language) => {
  // In English one of each verdict: the words differ, and what is done with them does not.
  const each = language === 'id' ? stories : stories.filter((s, i) => stories.findIndex((o) => o.verdict === s.verdict) === i);
  test.each(each)('$name: the verdict is one sentence for a screen reader, and has the focus', async (story) => {
    const w = await open({ language, width: 390 });
    expect(await tell(w, story)).toBe(story.verdict);
    const band = w.page.locator('.verdict.drawn').first();
    expect(await band.evaluate((e) => e === document.activeElement)).toBe(true);
    const word = (await band.locator('.word').innerText()).trim();
    const nodes = await heard(w);
    // The band is a status, and its name is the whole sentence: file, verdict, what it means.
    const status = nodes.find((n) => n.role === 'status' && n.name.includes(story.file));
    expect(status, 'a status that names the document').toBeDefined();
    expect(status?.name.toLowerCase()).toContain(word.toLowerCase());
    expect(status?.name.length).toBeGreaterThan(story.file.length + word.length + 20);
    // Each signature is one sentence as well: who, what, when.
    const lines = w.page.locator('main .list > li:has(.signer)');
    const signers = await lines.count();
    if (story.verdict === 'unsigned') expect(signers).toBe(0);
    for (let i = 0; i < signers; i++) {
      const spoken = await lines.nth(i).locator('.unseen').textContent();
      expect(spoken?.split('. ').length, String(spoken)).toBeGreaterThanOrEqual(2);
      expect(
        nodes.some((n) => n.name === spoken),
        `${String(spoken)} is read as one`,
      ).toBe(true);
    }
  });
});

test.each(stories)('$name: axe, light and dark, narrow and wide; larger text and longer words', async (story) => {
  const w = await open({ width: 390 });
  await tell(w, story);
  // What is folded away is looked at as well.
  await unfold(w.page);
  const found: string[] = [];
  for (const theme of ['light', 'dark'] as const) {
    await w.page.emulateMedia({ colorScheme: theme });
    for (const width of [320, 1280]) {
      await w.page.setViewportSize({ width, height: 900 });
      for (const line of [...(await axe(w.page)), ...(await sideways(w.page))]) found.push(`${theme} ${width}: ${line}`);
    }
  }
  expect.soft(found).toEqual([]);
  await w.page.setViewportSize({ width: 320, height: 900 });
  await stretch(w.page);
  expect.soft([...(await sideways(w.page)), ...(await overflowing(w.page))], 'longer words').toEqual([]);
});

test.each(stories.filter((s) => ['two signatures', 'amount covered'].includes(s.name)))('$name: text at 200 %', async (story) => {
  const w = await open({ width: 320 });
  await tell(w, story);
  await unfold(w.page);
  await enlargeText(w.page, 2);
  expect.soft([...(await sideways(w.page)), ...(await overflowing(w.page))]).toEqual([]);
});

test('a verdict is told without colour: shape and word differ for each', async () => {
  const seen = new Map<string, string>();
  for (const verdict of ['valid', 'valid-with-notes', 'indeterminate', 'invalid', 'unsigned']) {
    const story = stories.find((s) => s.verdict === verdict);
    if (story === undefined) throw new Error(verdict);
    const w = await open({ width: 390, forcedColors: true });
    await tell(w, story);
    const band = w.page.locator('.verdict.drawn').first();
    const look = `${await band.locator('svg').first().innerHTML()} ${await band.locator('.word').innerText()}`;
    seen.set(look, verdict);
  }
  expect(seen.size).toBe(5);
});

test('from the choice of the file to the changes on its pages, by keyboard alone', async () => {
  const story = stories.find((s) => s.name === 'amount covered');
  if (story === undefined) throw new Error('no such story');
  const w = await open({ width: 1280 });
  await tell(w, story);
  const { page } = w;
  // The verdict has the focus: the next stop shows the document.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const viewer = page.locator('dialog.viewer');
  await viewer.locator('canvas').first().waitFor();
  await viewer.locator('.mark').first().waitFor();
  expect(
    await viewer
      .locator('.mark')
      .first()
      .evaluate((e) => e.getBoundingClientRect().width),
  ).toBeGreaterThan(5);
  await page.keyboard.press('+');
  await page.keyboard.press('PageDown');
  await page.keyboard.press('Home');
  expect(await axe(page)).toEqual([]);
  // The focus stays inside the window.
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press('Tab');
    expect(
      await page.evaluate(() => document.activeElement === document.body || document.activeElement?.closest('dialog') !== null),
    ).toBe(true);
  }
  await page.keyboard.press('Escape');
  await viewer.waitFor({ state: 'detached' });
  expect(await page.evaluate(() => document.activeElement !== document.body)).toBe(true);
});
