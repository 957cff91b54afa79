import { describe, expect, test, vi } from 'vitest';
import { Lab, type Port } from './lab';
import { gramsPerSheet, saved } from './paper';
import type { Answer, Question } from './worker';

class FakePort implements Port {
  asked: Question[] = [];
  ended = false;
  onmessage: Port['onmessage'] = null;
  onerror: Port['onerror'] = null;
  postMessage(q: Question): void {
    this.asked.push(q);
  }
  terminate(): void {
    this.ended = true;
  }
  answer(data: Answer): void {
    this.onmessage?.({ data });
  }
}

function lab(): { lab: Lab; ports: FakePort[] } {
  const ports: FakePort[] = [];
  return {
    ports,
    lab: new Lab(() => {
      ports.push(new FakePort());
      return ports[ports.length - 1]!;
    }),
  };
}

describe('the lab', () => {
  test('gives each answer to who asked', async () => {
    const { lab: l, ports } = lab();
    const one = l.certify('Budi Contoh');
    const two = l.sign(Uint8Array.of(1), [0, 0, 1, 1]);
    const [first, second] = ports[0]!.asked;
    ports[0]!.answer({ id: second!.id, bytes: Uint8Array.of(7) });
    ports[0]!.answer({ id: first!.id });
    await one;
    expect([...(await two)]).toEqual([7]);
    expect(ports).toHaveLength(1);
  });

  test('hands on a fault, and an answer that lacks what was asked for is one', async () => {
    const { lab: l, ports } = lab();
    const one = l.certify('');
    const two = l.verify(Uint8Array.of(1), 'a.pdf', 'id');
    ports[0]!.answer({ id: ports[0]!.asked[0]!.id, fault: 'name is missing' });
    ports[0]!.answer({ id: ports[0]!.asked[1]!.id });
    await expect(one).rejects.toThrow('name is missing');
    await expect(two).rejects.toThrow();
  });

  test('ends a worker that fails or takes too long, and begins with a new one', async () => {
    vi.useFakeTimers();
    const { lab: l, ports } = lab();
    const one = expect(l.certify('a')).rejects.toThrow();
    ports[0]!.onerror?.(new Event('error'));
    await one;
    expect(ports[0]!.ended).toBe(true);
    const two = expect(l.certify('b')).rejects.toThrow('slow');
    expect(ports).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    await two;
    expect(ports[1]!.ended).toBe(true);
    vi.useRealTimers();
  });
});

describe('paper saved', () => {
  test('follows the figures of the training material', () => {
    expect(gramsPerSheet).toBeCloseTo(4.99, 2);
    const tonne = saved(1_000_000 / gramsPerSheet / 12, 1, 1);
    expect(tonne.kilograms).toBeCloseTo(1000, 6);
    expect(tonne.trees).toBeCloseTo(17, 6);
    expect(tonne.litres).toBeCloseTo(26_500, 3);
    expect(tonne.gallons).toBeCloseTo(683.5, 6);
    expect(saved(200, 2, 3).sheets).toBe(14_400);
    expect(saved(0, 2, 3).litres).toBe(0);
  });
});
