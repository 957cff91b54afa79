// The list of documents and the work on it: one after another through one verifier, so that the page answers while it works and a
// folder of any size needs the memory of one document.

import { intake, maxDocuments, type Located, type Offered } from './intake';
import { VerifierError, type FaultCode, type Language, type Policy, type ReportForm, type Subject, type Verified, type Written } from './protocol';
import { recall, remember, type Remembered } from './remember';
import { shownName } from './shown';
import type { View } from './view';
import type { Verifier } from './client';
import { ZipError, type ZipFault } from './zip';

/** waiting → working → done, locked (needs a password) or failed. What was remembered has no document any more: gone. */
export type State = 'waiting' | 'working' | 'done' | 'locked' | 'failed' | 'gone';

/** Why a document has no verdict. */
export type ItemFault = FaultCode | ZipFault | 'unreadable';

let numbers = 0;

export class Item {
  readonly id = ++numbers;
  readonly name: string;
  /** The name and the folder as the page shows them. */
  readonly shown: string;
  readonly place: string;
  readonly folder: string;
  readonly size: number;
  state = $state<State>('waiting');
  fault = $state<ItemFault>();
  view = $state.raw<View>();
  /** The verifier's own answer, for those who compare it with the command line's. */
  report = '';
  /** Typed for this document, held as long as the page shows it. */
  password: string | undefined;
  /** A password was typed and did not open it. */
  refused = $state(false);
  /** As of when and by which rules it was judged. */
  judged: Settings = {};
  before = $state.raw<Remembered>();

  constructor(readonly offered: Pick<Offered, 'name' | 'folder' | 'size'> & { open?: Offered['open'] }) {
    this.name = offered.name;
    this.shown = shownName(offered.name);
    this.place = shownName(offered.folder);
    this.folder = offered.folder;
    this.size = offered.size;
  }

  /** The verdict's key, '' where there is none. */
  get verdict(): string {
    return this.view?.verdict ?? this.before?.verdict ?? '';
  }

  async open(): Promise<Blob> {
    if (!this.offered.open) throw new VerifierError('read', 'the document is not here');
    return this.offered.open();
  }
}

export interface Settings {
  at?: string;
  policy?: Policy;
  online?: boolean;
}

/** Below this nobody leaves anything behind. */
const rememberFrom = 1;
/** Writing the list down takes longer than a small document; not after each. */
const rememberEvery = 500;

export class Desk {
  items = $state.raw<Item[]>([]);
  working = $state(false);
  /** What the last intake left out. */
  skipped = $state(0);
  more = $state(false);
  archives = $state.raw<{ name: string; fault: ZipFault }[]>([]);
  looking = $state(false);
  settings = $state.raw<Settings>({});
  done = $state(0);
  #halted = false;
  #saved = 0;

  constructor(
    readonly verifier: Verifier,
    readonly language: Language,
    readonly summary: (view: View) => { signers: string; when: string },
  ) {
    this.items = recall().map((r) => {
      const item = new Item(r);
      item.state = 'gone';
      item.before = r;
      return item;
    });
  }

  /** Takes what was offered and begins. Returns the new items. */
  async add(files: Located[]): Promise<Item[]> {
    this.looking = true;
    try {
      const held = this.items.filter((i) => i.state !== 'gone').length;
      const found = await intake(files, maxDocuments - held);
      this.skipped = found.skipped;
      this.more = found.more;
      this.archives = found.archives;
      const fresh = found.documents.map((d) => new Item(d));
      // A document that is chosen again takes the place of its row from before.
      const again = new Set(fresh.map(same));
      this.items = [...this.items.filter((i) => i.state !== 'gone' || !again.has(same(i))), ...fresh];
      void this.run();
      return fresh;
    } finally {
      this.looking = false;
    }
  }

  clear(): void {
    this.halt();
    this.items = [];
    this.done = 0;
    this.skipped = 0;
    this.more = false;
    this.archives = [];
    remember([]);
  }

  /** Ends the work; what waits stays in the list and can be taken up again. */
  halt(): void {
    this.#halted = true;
    if (this.working) this.verifier.stop();
  }

  /** Takes up what waits, and what failed for a reason that may have passed. */
  async retry(): Promise<void> {
    for (const i of this.items) if (i.state === 'failed') this.again(i);
    await this.run();
  }

  again(item: Item): void {
    item.fault = undefined;
    item.refused = false;
    item.state = 'waiting';
  }

  /** Judges all anew, by other settings. */
  async judge(settings: Settings): Promise<void> {
    this.settings = settings;
    for (const i of this.items) if (i.state === 'done' || i.state === 'failed') this.again(i);
    await this.run();
  }

  async unlock(item: Item, password: string): Promise<void> {
    item.password = password;
    item.state = 'waiting';
    await this.run();
    item.refused = (item.state as State) === 'locked';
  }

  /** One report about documents, judged again from the files themselves. */
  async report(items: readonly Item[], form: ReportForm): Promise<Written> {
    const subjects: Subject[] = [];
    for (const item of items) {
      if (item.state === 'done') subjects.push(this.subject(item, await item.open()));
      // One without a verdict is in the report too, with the reason, as far as it can still be opened.
      else if (item.state === 'failed' || item.state === 'locked') {
        const file = await item.open().catch(() => undefined);
        if (file) subjects.push(this.subject(item, file));
      }
    }
    return this.verifier.report(subjects, form, this.language);
  }

  subject(item: Item, file: Blob): Subject {
    const s: Subject = { file, name: item.name, ...item.judged };
    if (item.password !== undefined) s.password = item.password;
    return s;
  }

  #running: Promise<void> | undefined;

  run(): Promise<void> {
    this.#halted = false;
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #work(): Promise<void> {
    this.working = true;
    for (let at = 0; !this.#halted; at++) {
      const item = this.items[at];
      if (!item) {
        // What was added or put back behind our back is found in another round.
        if (!this.items.some((i) => i.state === 'waiting')) break;
        at = -1;
        continue;
      }
      if (item.state === 'waiting') await this.#judge(item);
      this.done = this.items.reduce((n, i) => n + (i.state === 'waiting' || i.state === 'working' ? 0 : 1), 0);
      if (performance.now() - this.#saved > rememberEvery) this.save();
    }
    this.working = false;
    this.save();
  }

  async #judge(item: Item): Promise<void> {
    item.state = 'working';
    // One moment for the answer and for all reports about it.
    item.judged = { at: new Date().toISOString().replace(/\.\d+/, ''), ...this.settings };
    try {
      const file = await item.open();
      const { report, view }: Verified = await this.verifier.verify(this.subject(item, file), this.language);
      item.report = report;
      item.view = view;
      item.before = undefined;
      item.fault = undefined;
      item.refused = false;
      item.state = 'done';
    } catch (e) {
      this.#fail(item, e);
    }
  }

  #fail(item: Item, e: unknown): void {
    const code: ItemFault = e instanceof VerifierError ? e.code : e instanceof ZipError ? e.fault : 'unreadable';
    item.view = undefined;
    item.report = '';
    if (code === 'password') {
      item.state = 'locked';
      return;
    }
    if (code === 'stopped') {
      item.state = 'waiting';
      return;
    }
    item.state = 'failed';
    item.fault = code;
    // Without a verifier the rest would fail one by one.
    if (code === 'refused' || code === 'download' || code === 'anchors') this.#halted = true;
  }

  save(): void {
    this.#saved = performance.now();
    if (this.items.length < rememberFrom) return;
    remember(
      this.items.map((i) => {
        if (i.before) return i.before;
        const s = i.view ? this.summary(i.view) : { signers: '', when: '' };
        return { name: i.name, folder: i.folder, size: i.size, verdict: i.state === 'failed' || i.state === 'locked' ? 'failed' : i.verdict, word: i.view?.word ?? '', ...s };
      }),
    );
  }
}

function same(i: { name: string; folder: string; size: number }): string {
  return `${i.folder}/${i.name}/${i.size}`;
}
