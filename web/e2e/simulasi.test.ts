import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, inject, test } from 'vitest';
import en from '../../internal/web/text/app/en.json';
import id from '../../internal/web/text/app/id.json';
import { open, type Watched } from './browser';
import { Folder } from './documents';
import { axe, sideways } from './look';

// The story of the teaching page, with a real key, a real signature and the real verifier; what it hands out is judged again by the
// command line and by poppler.

const run = promisify(execFile);
const instance = inject('instance');
const folder = await Folder.make();
afterAll(() => folder.remove());

const section = (w: Watched, name: string) => w.page.locator('section').filter({ has: w.page.getByRole('heading', { level: 2, name, exact: true }) });

async function keep(w: Watched, part: string, name: string): Promise<string> {
  const [download] = await Promise.all([
    w.page.waitForEvent('download'),
    section(w, part).getByRole('button', { name: id['simulasi.download'].replace('{name}', name) }).click(),
  ]);
  const to = path.join(folder.dir, name);
  await download.saveAs(to);
  return to;
}

async function press(w: Watched, part: string, button: string, verdict: string): Promise<void> {
  await section(w, part).getByRole('button', { name: button, exact: true }).click();
  await section(w, part).locator(`.verdict.${verdict}`).waitFor({ timeout: 60_000 });
}

describe('the teaching page', () => {
  test('a letter is signed, changed, and its signature is copied', async () => {
    const w = await open();
    const asked: string[] = [];
    w.page.on('request', (r) => asked.push(`${r.method()} ${new URL(r.url()).pathname}`));
    await w.goto('/simulasi');
    const before = asked.length;
    await w.page.getByLabel(id['simulasi.name']).fill('Ayu (Contoh)');
    await press(w, id['simulasi.sign'], id['simulasi.sign.do'], 'valid-with-notes');
    // The three questions are answered; only the authority is one for practice.
    expect(await section(w, id['simulasi.sign']).locator('.answers [data-state]').evaluateAll((l) => l.map((e) => e.getAttribute('data-state')))).toEqual(['ok', 'note', 'ok']);
    const signed = await keep(w, id['simulasi.sign'], 'surat-latihan_sign.pdf');

    await section(w, id['simulasi.change']).getByRole('radio').nth(1).check();
    await press(w, id['simulasi.change'], id['simulasi.change.do'], 'invalid');
    expect(await section(w, id['simulasi.change']).locator('mark').textContent()).toBe('CV Palsu Murni');
    const forged = await keep(w, id['simulasi.change'], 'surat-diubah.pdf');
    await press(w, id['simulasi.move'], id['simulasi.move.do'], 'invalid');
    const copied = await keep(w, id['simulasi.move'], 'surat-lain.pdf');

    // Nothing was sent: the program and its worker are all that was fetched.
    expect(asked.slice(before).filter((r) => !/^GET \/app\/(exercise-|wasm\/)/.test(r))).toEqual([]);

    // Everything at once, in both schemes and on a small screen.
    for (const [theme, width] of [['light', 1280], ['dark', 320]] as const) {
      await w.page.emulateMedia({ colorScheme: theme });
      await w.page.setViewportSize({ width, height: 900 });
      expect.soft(await axe(w.page), theme).toEqual([]);
      expect.soft(await sideways(w.page), String(width)).toEqual([]);
    }

    // Others see the same. The command line does not know the authority, and says that and no more of the honest letter.
    const judged = async (file: string): Promise<{ verdict: string; signatures: { integrity: boolean; signer: string; subIndication: string }[] }> => {
      const out = await run(instance.program, ['verify', '--offline', '--json', file]).catch((e: unknown) => e as { stdout: string });
      return JSON.parse(out.stdout) as Awaited<ReturnType<typeof judged>>;
    };
    expect(await judged(signed)).toMatchObject({ verdict: 'indeterminate', signatures: [{ integrity: true, signer: 'Ayu (Contoh)', subIndication: 'NO_CERTIFICATE_CHAIN_FOUND' }] });
    expect(await judged(forged)).toMatchObject({ verdict: 'invalid', signatures: [{ subIndication: 'HASH_FAILURE' }] });
    expect(await judged(copied)).toMatchObject({ verdict: 'invalid', signatures: [{ subIndication: 'HASH_FAILURE' }] });
    const differing = Buffer.compare(await readFile(signed), await readFile(forged));
    expect(differing).not.toBe(0);
    expect((await readFile(signed)).length).toBe((await readFile(forged)).length);
  });

  test('each picture is told to be no signature, and one can be made without a pointer', async () => {
    const w = await open({ language: 'en' });
    await w.goto('/simulasi');
    const part = section(w, en['simulasi.pictures']);
    for (const kind of ['scan', 'finger'] as const) {
      await part.getByRole('radio', { name: en[`simulasi.kind.${kind}`] }).check();
      await part.getByRole('button', { name: en['simulasi.kind.try'] }).click();
      await part.getByText(en[`simulasi.kind.${kind}.lesson`]).waitFor({ timeout: 60_000 });
      expect(await part.locator('.verdict').getAttribute('class')).toContain('unsigned');
    }
    // Drawn with the pointer.
    await part.getByRole('radio', { name: en['simulasi.kind.tablet'] }).check();
    await part.getByText(en['simulasi.pad.first']).waitFor();
    const pad = part.getByRole('img', { name: en['simulasi.pad.empty'] }).locator('canvas');
    await pad.scrollIntoViewIfNeeded();
    const box = (await pad.boundingBox())!;
    await w.page.mouse.move(box.x + 30, box.y + 40);
    await w.page.mouse.down();
    await w.page.mouse.move(box.x + 200, box.y + 90, { steps: 5 });
    await w.page.mouse.up();
    await part.getByRole('img', { name: en['simulasi.pad.tablet'] }).waitFor();
    await part.getByRole('button', { name: en['simulasi.pad.clear'] }).click();
    // And with keys alone.
    await part.getByLabel(en['simulasi.pad.type']).focus();
    await w.page.keyboard.type('Budi');
    await w.page.keyboard.press('Tab');
    await w.page.keyboard.press('Enter');
    await part.getByRole('button', { name: en['simulasi.kind.try'] }).focus();
    await w.page.keyboard.press('Enter');
    await part.getByText(en['simulasi.kind.tablet.lesson']).waitFor({ timeout: 60_000 });
    expect(await part.locator('.verdict').getAttribute('class')).toContain('unsigned');
  });

  test('a name is asked for, and paper is counted', async () => {
    const w = await open();
    await w.goto('/simulasi');
    const name = w.page.getByLabel(id['simulasi.name']);
    await name.fill('   ');
    await w.page.getByText(id['simulasi.name.fault']).waitFor();
    expect(await name.getAttribute('aria-invalid')).toBe('true');
    await section(w, id['simulasi.sign']).getByRole('button', { name: id['simulasi.sign.do'] }).click();
    expect(await w.page.locator('.verdict').count()).toBe(0);
    const paper = section(w, id['simulasi.paper']);
    await paper.getByLabel(id['simulasi.paper.letters']).fill('1000');
    await paper.getByText('72.000', { exact: true }).waitFor(); // 1000 letters, 2 sheets, 3 copies, 12 months
    await paper.getByLabel(id['simulasi.paper.letters']).fill('');
    await paper.locator('dd').first().getByText('0', { exact: true }).waitFor();
  });

  test('where the program cannot be had the page says so, and a second try works', async () => {
    const w = await open({ expect: [/exercise-|ERR_FAILED|Failed to fetch/] });
    await w.goto('/simulasi');
    await w.context.route('**/exercise-*.wasm', (r) => r.abort());
    const part = section(w, id['simulasi.sign']);
    await part.getByRole('button', { name: id['simulasi.sign.do'] }).click();
    await part.getByRole('alert').filter({ hasText: id['simulasi.fault'] }).waitFor({ timeout: 60_000 });
    await w.context.unroute('**/exercise-*.wasm');
    await press(w, id['simulasi.sign'], id['simulasi.sign.do'], 'valid-with-notes');
    expect(await part.getByRole('alert').count()).toBe(0);
  });
});
