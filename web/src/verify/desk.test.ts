import { beforeEach, describe, expect, test } from 'vitest';
import { Verifier, type Port } from './client';
import { Desk } from './desk.svelte';
import type { Located } from './intake';
import type { Answer, Question } from './protocol';

type Reply = (q: Extract<Question, { kind: 'verify' }>) => Answer | undefined;

/** Workers that answer as told; how many were started is counted. */
function desk(reply: Reply): { desk: Desk; started: () => number; asked: string[] } {
  let started = 0;
  const asked: string[] = [];
  const verifier = new Verifier({
    start: () => {
      started++;
      const port: Port = {
        onmessage: null,
        onerror: null,
        terminate() {},
        postMessage(q) {
          if (q.kind === 'verify') asked.push(q.name);
          const a: Answer | undefined = q.kind === 'start' ? { kind: 'ready' } : q.kind === 'verify' ? reply(q) : undefined;
          if (a) queueMicrotask(() => port.onmessage?.({ data: a }));
        },
      };
      return port;
    },
    anchors: async () => [],
  });
  return { desk: new Desk(verifier, 'id', () => ({ signers: 'Budi Contoh', when: 'kemarin' })), started: () => started, asked };
}

const file = (name: string): Located => ({ file: new File([name], name), folder: '' });
const valid: Answer = { kind: 'verified', verified: { report: '{}', view: { verdict: 'valid', word: 'SAH' } as never } };
const fault = (code: 'not-pdf' | 'password' | 'document' | 'refused'): Answer => ({ kind: 'fault', fault: { code, message: '' } });

async function settled(d: Desk): Promise<void> {
  await d.run();
}

beforeEach(() => sessionStorage.clear());

describe('Desk', () => {
  test('one bad document stops nothing', async () => {
    const { desk: d } = desk((q) => (q.name === 'b' ? fault('not-pdf') : valid));
    await d.add([file('a'), file('b'), file('c')]);
    await settled(d);
    expect(d.items.map((i) => [i.name, i.state, i.fault ?? ''])).toEqual([
      ['a', 'done', ''],
      ['b', 'failed', 'not-pdf'],
      ['c', 'done', ''],
    ]);
    expect(d.done).toBe(3);
  });

  test('a password opens what is locked, a wrong one says so', async () => {
    const { desk: d } = desk((q) => (q.password === 'benar' ? valid : fault('password')));
    const [item] = await d.add([file('a')]);
    await settled(d);
    expect([item!.state, item!.refused]).toEqual(['locked', false]);
    await d.unlock(item!, 'salah');
    expect([item!.state, item!.refused]).toEqual(['locked', true]);
    await d.unlock(item!, 'benar');
    expect([item!.state, item!.refused]).toEqual(['done', false]);
  });

  test('without a verifier the rest waits, and goes on when it is tried again', async () => {
    let refused = true;
    const { desk: d } = desk(() => (refused ? fault('refused') : valid));
    await d.add([file('a'), file('b')]);
    await settled(d);
    expect(d.items.map((i) => i.state)).toEqual(['failed', 'waiting']);
    refused = false;
    await d.retry();
    expect(d.items.map((i) => i.state)).toEqual(['done', 'done']);
  });

  test('stop leaves what is not done waiting', async () => {
    const { desk: d, asked } = desk((q) => (q.name === 'a' ? valid : undefined));
    await d.add([file('a'), file('b'), file('c')]);
    while (asked.length < 2) await new Promise((r) => setTimeout(r));
    d.halt();
    await new Promise((r) => setTimeout(r));
    expect(d.items.map((i) => i.state)).toEqual(['done', 'waiting', 'waiting']);
    expect(d.working).toBe(false);
  });

  test('other settings judge all again, by one moment each', async () => {
    const seen: [string | undefined, string | undefined][] = [];
    const { desk: d } = desk((q) => (seen.push([q.at, q.policy]), valid));
    await d.add([file('a')]);
    await settled(d);
    await d.judge({ at: '2027-01-01T00:00:00Z', policy: 'strict' });
    expect(seen[0]![0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(seen[1]).toEqual(['2027-01-01T00:00:00Z', 'strict']);
    const i = d.items[0]!;
    expect(d.subject(i, new Blob()).at).toBe('2027-01-01T00:00:00Z');
  });

  test('after a reload names and verdicts are there, and a document chosen again takes its row', async () => {
    const first = desk(() => valid).desk;
    await first.add([file('a'), file('b')]);
    await settled(first);
    const { desk: d } = desk(() => valid);
    expect(d.items.map((i) => [i.name, i.state, i.verdict])).toEqual([
      ['a', 'gone', 'valid'],
      ['b', 'gone', 'valid'],
    ]);
    await d.add([file('b')]);
    await settled(d);
    expect(d.items.map((i) => [i.name, i.state])).toEqual([
      ['a', 'gone'],
      ['b', 'done'],
    ]);
  });
});
