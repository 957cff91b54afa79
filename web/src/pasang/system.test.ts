import { expect, test } from 'vitest';
import id from '../../../internal/web/text/app/id.json';
import { guess, steps, systems } from './system';

test.each([
  ['Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36', 5, 'android'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1', 5, 'ios'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15', 5, 'ios'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15', 0, 'desktop'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0', 0, 'desktop'],
  ['Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0', 5, 'firefox'],
  ['', 0, 'desktop'],
] as const)('%s', (agent, touchPoints, system) => {
  expect(guess(agent, touchPoints)).toBe(system);
});

test('each step has its words, and no words are left over', () => {
  const wanted = systems.flatMap((s) => steps[s].map((n) => `install.${s}.${n}`)).sort();
  const there = Object.keys(id).filter((key) => /^install\.\w+\.\d$/.test(key)).sort();
  expect(there).toEqual(wanted);
});
