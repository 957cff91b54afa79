// Where events lie on a drawn line of time. Years pass between some and seconds between others, so that their order is drawn true and
// their distance only as far as there is room.

export interface Placed {
  /** From 0 to 1. */
  at: number;
}

/** Places times, which are in order, on a line: far apart by how far apart they are, but never closer than the room of a mark. */
export function place(times: readonly number[], least: number): number[] {
  if (times.length === 0) return [];
  const first = times[0]!;
  const last = times.at(-1)!;
  const span = last - first;
  const room = Math.min(least, times.length > 1 ? 1 / (times.length - 1) : 1);
  // What remains after each gap had its least is shared by the logarithm of how long the gaps are.
  const gaps = times.slice(1).map((t, i) => t - times[i]!);
  const weights = gaps.map((g) => (span > 0 ? Math.log1p(Math.max(0, g) / 60_000) : 0));
  const sum = weights.reduce((a, b) => a + b, 0);
  const free = 1 - room * gaps.length;
  const out = [0];
  for (const [i, w] of weights.entries()) out.push(out[i]! + room + (sum > 0 ? (free * w) / sum : free / gaps.length));
  return out;
}
