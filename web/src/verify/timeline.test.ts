import { expect, test } from 'vitest';
import { place } from './timeline';

test('events keep their order and their room', () => {
  const year = 365 * 86400e3;
  const at = place([0, 1000, 2000, year], 0.1);
  expect(at[0]).toBe(0);
  expect(at.at(-1)).toBeCloseTo(1);
  for (let i = 1; i < at.length; i++) expect(at[i]! - at[i - 1]!).toBeGreaterThanOrEqual(0.1 - 1e-9);
  expect(at[3]! - at[2]!).toBeGreaterThan(0.5);
});

test('the same moment, one moment and none', () => {
  expect(place([5, 5, 5], 0.1)).toEqual([0, 0.5, 1]);
  expect(place([5], 0.1)).toEqual([0]);
  expect(place([], 0.1)).toEqual([]);
});
