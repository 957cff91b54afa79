// Why a document has no verdict: the code that help is found by, and what can be done about it.

import type { ItemFault } from './desk.svelte';

const codes: Record<ItemFault, string> = {
  'not-pdf': 'ABS-VER-001',
  password: 'ABS-VER-002',
  refused: 'ABS-VER-004',
  download: 'ABS-VER-015',
  outdated: 'ABS-VER-016',
  slow: 'ABS-VER-017',
  document: 'ABS-VER-010',
  read: 'ABS-VER-011',
  unreadable: 'ABS-VER-011',
  internal: 'ABS-VER-012',
  request: 'ABS-VER-012',
  anchors: 'ABS-VER-013',
  stopped: 'ABS-VER-014',
  'zip-damaged': 'ABS-VER-020',
  'zip-bomb': 'ABS-VER-021',
  'zip-many': 'ABS-VER-022',
  'zip-locked': 'ABS-VER-023',
  'zip-method': 'ABS-VER-024',
};

export function codeOf(fault: ItemFault): string {
  return codes[fault];
}

/** Where another computer could answer: this device could not. */
export function elsewhere(fault: ItemFault): boolean {
  return fault === 'refused' || fault === 'slow' || fault === 'internal' || fault === 'download';
}

/** Trying again may help. */
export function passing(fault: ItemFault): boolean {
  return fault === 'download' || fault === 'slow' || fault === 'internal' || fault === 'anchors' || fault === 'read' || fault === 'unreadable';
}
