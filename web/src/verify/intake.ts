// How documents come in: dropped, chosen, pasted, shared by another app, out of a folder or an archive. Nothing is read here but the
// directories; a document is opened when its turn comes.

import { readZip, ZipError, type ZipFault } from './zip';

/** A document that was offered. */
export interface Offered {
  name: string;
  /** Where it lay, for people: folders or the archive's name; '' for a file chosen alone. */
  folder: string;
  size: number;
  open(): Promise<Blob>;
}

export interface Intake {
  documents: Offered[];
  /** Files in folders and archives that are no PDF and were left out. */
  skipped: number;
  /** More than the page takes at once were offered. */
  more: boolean;
  /** Archives that could not be opened. */
  archives: { name: string; fault: ZipFault }[];
}

/** So many at once are a day's work of an office; each is one row. */
export const maxDocuments = 2000;
const maxDepth = 16;
/** Milliseconds of work without a pause: a browser asks the disk for the size of each file, and hundreds of answers take a second. */
const portion = 25;
/** Files looked at in folders, documents or not. */
const maxVisited = 50_000;

type Receiver = (files: Located[]) => void;

/** A file and the folder in which it was found. */
export interface Located {
  file: File;
  folder: string;
}

let receiver: Receiver | undefined;
let early: Located[] = [];

/** Files handed over by the platform: shared to the installed app, or opened with it. They wait until the page is there. */
export function offer(files: File[]): void {
  deliver(files.map((file) => ({ file, folder: '' })));
}

function deliver(files: Located[]): void {
  if (files.length === 0) return;
  if (receiver) receiver(files);
  else early = early.concat(files);
}

/** The page takes what is offered from now on, and what came before it was there. */
export function receive(r: Receiver): () => void {
  receiver = r;
  const waiting = early;
  early = [];
  deliver(waiting);
  return () => {
    if (receiver === r) receiver = undefined;
  };
}

/** Sorts what was offered: documents, archives to look into, and what is left out. */
export async function intake(files: Iterable<Located>, room: number = maxDocuments): Promise<Intake> {
  const out: Intake = { documents: [], skipped: 0, more: false, archives: [] };
  const add = (d: Offered): void => {
    if (out.documents.length < room) out.documents.push(d);
    else out.more = true;
  };
  let began = performance.now();
  for (const { file, folder } of files) {
    if (performance.now() - began > portion) {
      await new Promise((resolve) => setTimeout(resolve));
      began = performance.now();
    }
    if (isArchive(file)) {
      try {
        for (const entry of await readZip(file)) {
          const cut = entry.name.lastIndexOf('/');
          const inside = cut < 0 ? '' : '/' + entry.name.slice(0, cut);
          if (isDocument(entry.name)) add({ name: entry.name.slice(cut + 1), folder: file.name + inside, size: entry.size, open: entry.open });
          else out.skipped++;
        }
      } catch (e) {
        out.archives.push({ name: file.name, fault: e instanceof ZipError ? e.fault : 'zip-damaged' });
      }
    } else if (folder !== '' && !isDocument(file.name)) {
      out.skipped++; // of a folder only documents are meant; a file chosen alone is answered whatever it is
    } else {
      add({ name: file.name || 'dokumen.pdf', folder, size: file.size, open: () => Promise.resolve(file) });
    }
  }
  return out;
}

function isDocument(name: string): boolean {
  return /\.pdf$/i.test(name);
}

function isArchive(file: File): boolean {
  return /\.zip$/i.test(file.name) || file.type === 'application/zip' || file.type === 'application/x-zip-compressed';
}

/** Files of an <input>, whose folder choice leaves a path on each. */
export function chosen(list: Iterable<File>): Located[] {
  return Array.from(list, (file) => {
    const path = file.webkitRelativePath ?? '';
    const cut = path.lastIndexOf('/');
    return { file, folder: cut < 0 ? '' : path.slice(0, cut) };
  });
}

/** What was dropped or pasted, folders walked. The transfer is empty after the event, so its entries are taken at once. */
export async function transferred(data: DataTransfer): Promise<Located[]> {
  const entries: FileSystemEntry[] = [];
  const files: Located[] = [];
  for (const item of Array.from(data.items)) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry?.();
    if (entry?.isDirectory) entries.push(entry);
    else {
      const file = item.getAsFile();
      if (file) files.push({ file, folder: '' });
    }
  }
  const walk = { visited: 0 };
  for (const entry of entries) await walkFolder(entry as FileSystemDirectoryEntry, entry.name, 0, walk, files);
  return files;
}

async function walkFolder(folder: FileSystemDirectoryEntry, path: string, depth: number, walk: { visited: number }, files: Located[]): Promise<void> {
  const reader = folder.createReader();
  for (;;) {
    // A reader gives its entries in portions, an empty one at the end.
    const portion = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (portion.length === 0) return;
    for (const entry of portion) {
      if (++walk.visited > maxVisited || files.length > maxDocuments) return;
      if (entry.isDirectory) {
        if (depth < maxDepth) await walkFolder(entry as FileSystemDirectoryEntry, path + '/' + entry.name, depth + 1, walk, files);
        continue;
      }
      const file = await new Promise<File | undefined>((resolve) => (entry as FileSystemFileEntry).file(resolve, () => resolve(undefined)));
      if (file) files.push({ file, folder: path });
    }
  }
}
