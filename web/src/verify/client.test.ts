import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Verifier, type Port } from './client';
import type { Answer, Question, Subject } from './protocol';

/** A worker that answers as told. */
class Fake implements Port {
  onmessage: ((e: { data: Answer }) => void) | null = null;
  onerror: ((e: unknown) => void) | null = null;
  asked: Question[] = [];
  ended = false;

  constructor(readonly reply: (q: Question) => Answer | undefined) {}

  postMessage(q: Question): void {
    this.asked.push(q);
    const a = this.reply(q);
    if (a) queueMicrotask(() => this.onmessage?.({ data: a }));
  }

  terminate(): void {
    this.ended = true;
  }
}

const subject = (name = 'a.pdf'): Subject => ({ file: new Blob(['%PDF']), name });
const ready: Answer = { kind: 'ready' };
const verified = (report: string): Answer => ({ kind: 'verified', verified: { report, view: {} as never } });

function verifier(...workers: Fake[]): Verifier {
  let n = 0;
  return new Verifier({ start: () => workers[n++]!, anchors: async () => ['{}'] });
}

const code = (p: Promise<unknown>): Promise<string> => p.then(() => 'none', (e: { code: string }) => e.code);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('Verifier', () => {
  test('starts one worker and asks one question after another', async () => {
    let open = 0;
    const w = new Fake((q) => {
      if (q.kind === 'start') return ready;
      expect(++open).toBe(1);
      queueMicrotask(() => open--);
      return q.kind === 'verify' ? verified(q.name) : undefined;
    });
    const v = verifier(w);
    const [a, b] = await Promise.all([v.verify(subject('a'), 'id'), v.verify(subject('b'), 'id')]);
    expect([a.report, b.report]).toEqual(['a', 'b']);
    expect(w.asked.map((q) => q.kind)).toEqual(['start', 'verify', 'verify']);
  });

  test('ends a worker that takes too long and starts another for the next', async () => {
    const stuck = new Fake((q) => (q.kind === 'start' ? ready : undefined));
    const fresh = new Fake((q) => (q.kind === 'start' ? ready : verified('good')));
    const v = verifier(stuck, fresh);
    const first = code(v.verify(subject(), 'id'));
    const second = v.verify(subject(), 'id');
    await vi.advanceTimersByTimeAsync(120_000);
    expect(await first).toBe('slow');
    expect((await second).report).toBe('good');
    expect([stuck.ended, fresh.ended]).toEqual([true, false]);
  });

  test('what the verifier says of a document is the answer, and it goes on', async () => {
    const w = new Fake((q) => (q.kind === 'start' ? ready : q.kind === 'verify' && q.name === 'x' ? { kind: 'fault', fault: { code: 'not-pdf', message: '' } } : verified('good')));
    const v = verifier(w);
    expect(await code(v.verify(subject('x'), 'id'))).toBe('not-pdf');
    expect((await v.verify(subject(), 'id')).report).toBe('good');
    expect(w.ended).toBe(false);
  });

  test('a program with a fault of its own is replaced', async () => {
    const bad = new Fake((q) => (q.kind === 'start' ? ready : { kind: 'fault', fault: { code: 'internal', message: '' } }));
    const good = new Fake((q) => (q.kind === 'start' ? ready : verified('good')));
    const v = verifier(bad, good);
    expect(await code(v.verify(subject(), 'id'))).toBe('internal');
    expect(bad.ended).toBe(true);
    expect((await v.verify(subject(), 'id')).report).toBe('good');
  });

  test('a browser that refuses says so', async () => {
    const silent = new Fake(() => undefined);
    const v = verifier(silent);
    const first = code(v.verify(subject(), 'id'));
    await vi.advanceTimersByTimeAsync(1);
    silent.onerror?.(new Event('error'));
    expect(await first).toBe('refused');
  });

  test('stop ends what is under way', async () => {
    const w = new Fake((q) => (q.kind === 'start' ? ready : undefined));
    const v = verifier(w);
    const first = code(v.verify(subject(), 'id'));
    await vi.advanceTimersByTimeAsync(1);
    v.stop();
    expect(await first).toBe('stopped');
    expect(w.ended).toBe(true);
  });
});
