import { access, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * A limit of the processor for a browser with all its threads: what the developer tools call throttling slows the page and not its
 * workers. The kernel's control groups do it; where they cannot be used, undefined.
 */
export class ProcessorLimit {
  private constructor(
    private readonly folder: string,
    private readonly v2: boolean,
  ) {}

  static async make(name: string): Promise<ProcessorLimit | undefined> {
    for (const [base, v2] of [
      ['/sys/fs/cgroup/cpu', false],
      ['/sys/fs/cgroup', true],
    ] as const) {
      const folder = path.join(base, name);
      try {
        await mkdir(folder, { recursive: true });
        await access(path.join(folder, v2 ? 'cpu.max' : 'cpu.cfs_quota_us'));
        return new ProcessorLimit(folder, v2);
      } catch {
        // the other kind, or none
      }
    }
    return undefined;
  }

  /** Takes a process and all that it has started in. What these start later is in as well. */
  async take(pid: number): Promise<void> {
    for (const p of [pid, ...(await descendants(pid))]) {
      await writeFile(path.join(this.folder, 'cgroup.procs'), String(p)).catch(() => undefined); // it may have ended
    }
  }

  /** How much of one core; 0 is no limit. Short periods, so that it is slow and does not stutter. */
  async cores(n: number): Promise<void> {
    const period = 10_000;
    if (this.v2) {
      await writeFile(path.join(this.folder, 'cpu.max'), n === 0 ? 'max' : `${Math.round(n * period)} ${period}`);
      return;
    }
    await writeFile(path.join(this.folder, 'cpu.cfs_period_us'), String(period));
    await writeFile(path.join(this.folder, 'cpu.cfs_quota_us'), n === 0 ? '-1' : String(Math.round(n * period)));
  }

  async remove(): Promise<void> {
    await rmdir(this.folder).catch(() => undefined);
  }
}

/** All processes below one, from /proc. */
export async function descendants(pid: number): Promise<number[]> {
  const parents = new Map<number, number[]>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    parents.set(parent, [...(parents.get(parent) ?? []), Number(name)]);
  }
  const out: number[] = [];
  const walk = (p: number): void => {
    for (const c of parents.get(p) ?? []) {
      out.push(c);
      walk(c);
    }
  };
  walk(pid);
  return out;
}

/** Memory that a browser with all its processes holds, shared parts counted once, in MB. */
export async function memory(pid: number): Promise<number> {
  let kilobytes = 0;
  for (const p of [pid, ...(await descendants(pid))]) {
    const rollup = await readFile(`/proc/${p}/smaps_rollup`, 'utf8').catch(() => '');
    kilobytes += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  }
  return Math.round(kilobytes / 1024);
}
