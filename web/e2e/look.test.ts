import { expect, test } from 'vitest';
import { Watched } from './browser';
import { axe, enlargeText, overflowing, sideways, stretch } from './look';

// The tests of the pages are worth as much as what they would notice.

const inside = (style: string, body: string): string =>
  `<!doctype html><html lang="id"><head><title>Coba</title><style>${style}</style></head><body><main><h1>Coba</h1>${body}</main></body></html>`;

async function seen<T>(html: string, look: (w: Watched) => Promise<T>): Promise<T> {
  const w = await Watched.open({ width: 320 });
  try {
    await w.page.setContent(html);
    return await look(w);
  } finally {
    await w.close();
  }
}

test('faint text and a field without a name are noticed', async () => {
  const html = inside('p { color: #999; background: #fff }', '<p>Tulisan yang pudar</p><input type="text">');
  const found = await seen(html, (w) => axe(w.page));
  expect(found.join('\n')).toMatch(/color-contrast/);
  expect(found.join('\n')).toMatch(/label/);
  expect(await seen(inside('', '<p>Tulisan biasa</p>'), (w) => axe(w.page))).toEqual([]);
});

test('a page that must be scrolled sideways is noticed', async () => {
  const found = await seen(inside('.wide { width: 500px }', '<p class="wide">Terlalu lebar</p>'), (w) => sideways(w.page));
  expect(found.join('\n')).toMatch(/class="wide"/);
  const box = '.box { overflow-x: auto } .wide { width: 500px }';
  expect(await seen(inside(box, '<div class="box"><p class="wide">Digeser sendiri</p></div>'), (w) => sideways(w.page))).toEqual(
    [],
  );
});

test('text over the edge of its box is noticed', async () => {
  const button = (width: number): string =>
    inside(
      `button { width: ${width}px; white-space: nowrap; overflow: visible }`,
      '<button type="button">Periksa dokumen</button>',
    );
  expect(await seen(button(60), (w) => overflowing(w.page))).not.toEqual([]);
  expect(await seen(button(200), (w) => overflowing(w.page))).toEqual([]);
  const cut = inside('p { height: 20px; overflow: hidden; width: 80px }', '<p>Kalimat yang tidak muat di dalam kotaknya</p>');
  expect((await seen(cut, (w) => overflowing(w.page))).join('\n')).toMatch(/high in/);
});

test('a box that holds a text, but not a longer one, is noticed', async () => {
  const html = inside(
    'button { width: 170px; white-space: nowrap; box-sizing: border-box }',
    '<button type="button">Periksa dokumen ini</button>',
  );
  expect(await seen(html, (w) => overflowing(w.page))).toEqual([]);
  const longer = await seen(html, async (w) => {
    await stretch(w.page);
    return overflowing(w.page);
  });
  expect(longer).not.toEqual([]);
});

test('a page that does not hold larger text is noticed', async () => {
  const html = inside('p { font-size: 16px }', '<p>Tanggungjawabpenyelenggaraan</p>');
  expect(await seen(html, (w) => sideways(w.page))).toEqual([]);
  const larger = await seen(html, async (w) => {
    await enlargeText(w.page, 2);
    return sideways(w.page);
  });
  expect(larger).not.toEqual([]);
});

test('a breach of the content policy, an error and an exception are noticed', async () => {
  const w = await Watched.open();
  await w.goto('/');
  await w.page.evaluate(() => {
    const s = document.createElement('span');
    s.setAttribute('style', 'color: red');
    document.body.append(s);
    console.error('sesuatu');
    setTimeout(() => {
      throw new Error('tak terduga');
    });
  });
  await w.page.waitForTimeout(100);
  const faults = (await w.close()).join('\n');
  expect(faults).toMatch(/content policy: style-src/);
  expect(faults).toMatch(/sesuatu/);
  expect(faults).toMatch(/tak terduga/);
});
