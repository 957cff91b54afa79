// What a helper needs to know about a result: codes and sizes, and nothing that names a person or a document.

import type { Item } from './desk.svelte';
import { codeOf } from './faults';

export function supportText(item: Item, now: Date = new Date()): string {
  const v = item.view;
  const lines = [
    `Absah ${now.toISOString()}`,
    `browser: ${navigator.userAgent}`,
    `online: ${navigator.onLine}`,
    `size: ${item.size}`,
    `verdict: ${v ? v.verdict : '-'}`,
  ];
  if (item.fault) lines.push(`fault: ${codeOf(item.fault)} ${item.fault}`);
  for (const s of v?.signatures ?? []) {
    const outcome = s.rows.find((r) => r.key === 'outcome')?.value ?? '';
    lines.push(`signature ${s.index + 1}: ${s.level} ${outcome} anchor=${s.anchor?.kind ?? 'none'} findings=${s.findings.map((f) => f.code).join(',')}`);
  }
  if (v && v.findings.length > 0) lines.push(`document: ${v.findings.map((f) => f.code).join(',')}`);
  return lines.join('\n') + '\n';
}
