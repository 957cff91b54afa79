import { expect, test } from 'vitest';
import { open } from './browser';

test('on a page of the application the theme changes in place, and stays', async () => {
  const w = await open();
  await w.goto('/pasang');
  await w.page.evaluate(() => Object.assign(globalThis, { same: true }));
  const dark = w.page.getByRole('button', { name: 'Gelap' });
  await dark.click();
  const root = w.page.locator('html');
  expect(await root.getAttribute('data-theme')).toBe('dark');
  expect(await dark.getAttribute('aria-pressed')).toBe('true');
  expect(await w.page.evaluate(() => 'same' in globalThis), 'what is on the page is kept').toBe(true);
  // The server reads the choice.
  await w.goto('/masuk');
  expect(await root.getAttribute('data-theme')).toBe('dark');
  expect(await w.page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(17, 20, 23)');
});

test('without JavaScript the theme is a form, and comes back to the page', async () => {
  const w = await open({ javaScript: false });
  await w.goto('/bantuan');
  await w.page.getByRole('button', { name: 'Gelap' }).click();
  await w.page.waitForURL('**/bantuan');
  expect(await w.page.locator('html').getAttribute('data-theme')).toBe('dark');
  expect(await w.page.getByRole('button', { name: 'Gelap' }).getAttribute('aria-pressed')).toBe('true');
});
