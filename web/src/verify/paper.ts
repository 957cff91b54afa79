// The document as pages, drawn by pdf.js in a worker of its own. Scripts and forms inside of documents do not run, and nothing is asked
// from outside but fonts that the document left out, which lie on this server.

import { AnnotationMode, getDocument, PDFDataRangeTransport, PDFWorker, TextLayer, type PDFDocumentProxy, type PDFPageProxy } from 'pdfjs-dist';
import type { TextItem } from 'pdfjs-dist/types/src/display/api';
import { pdfWorker, scriptURL } from '../scripts';
import { paragraphs } from './paragraphs';

/** A rectangle in the page's own units: left, bottom, right, top. */
export type Rect = readonly [number, number, number, number];

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Where the build put what pdf.js asks for by name. */
const files = `/app/pdfjs-${__PDFJS__}/`;

/** Documents up to this are handed over whole; of larger ones only the parts that are looked at are read. */
const whole = 8 << 20;
const piece = 256 << 10;
/** Pixels of one picture inside of a document, and of one drawn page: a phone has no more to give. */
const maxImage = 100e6;
const maxPixels = 8e6;
/** A document that takes longer to open, or a page to draw, is given up; hostile ones never end. */
const bound = 60_000;
/** More pages than a document for people has; a hostile one may claim any number. */
const maxPages = 10_000;

class Late extends Error {}

function within<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Late('too long')), bound)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

class Slices extends PDFDataRangeTransport {
  constructor(readonly file: Blob) {
    super(file.size, null);
  }

  override requestDataRange(begin: number, end: number): void {
    this.file
      .slice(begin, end)
      .arrayBuffer()
      .then(
        (b) => this.onDataRange(begin, new Uint8Array(b)),
        () => this.abort(),
      );
  }
}

export class Paper {
  /** Width and height of the first page in points, which the others most often share. */
  private constructor(
    readonly pages: number,
    readonly width: number,
    readonly height: number,
    private readonly document: PDFDocumentProxy,
    private readonly worker: Worker,
    private readonly port: PDFWorker,
  ) {}

  /** Opens a document; fails where pdf.js cannot read it. */
  static async open(file: Blob, password?: string): Promise<Paper> {
    const worker = new Worker(scriptURL(pdfWorker), { type: 'module' });
    const port = PDFWorker.create({ port: worker });
    try {
      const source = file.size <= whole ? { data: new Uint8Array(await file.arrayBuffer()) } : { range: new Slices(file), rangeChunkSize: piece };
      const task = getDocument({
        ...source,
        ...(password === undefined ? {} : { password }),
        worker: port,
        isEvalSupported: false,
        enableXfa: false,
        useWasm: false,
        wasmUrl: files,
        standardFontDataUrl: files,
        cMapUrl: files,
        cMapPacked: true,
        useWorkerFetch: true,
        disableAutoFetch: true,
        disableStream: true,
        maxImageSize: maxImage,
        verbosity: 0,
      });
      const document = await within(task.promise);
      const first = await within(document.getPage(1));
      const { width, height } = first.getViewport({ scale: 1 });
      return new Paper(Math.min(document.numPages, maxPages), width, height, document, worker, port);
    } catch (e) {
      port.destroy();
      worker.terminate();
      throw e;
    }
  }

  close(): void {
    this.document.destroy().catch(() => {});
    this.port.destroy();
    this.worker.terminate();
  }

  /** The size of a page in points. */
  async size(number: number): Promise<{ width: number; height: number }> {
    const { width, height } = (await this.document.getPage(number)).getViewport({ scale: 1 });
    return { width, height };
  }

  /** Draws a page into a canvas as wide as asked, lays its text over it, and tells where rectangles of the page lie. */
  async draw(number: number, canvas: HTMLCanvasElement, words: HTMLElement, width: number, rects: readonly Rect[], signal: AbortSignal): Promise<Box[]> {
    try {
      return await within(this.#draw(number, canvas, words, width, rects, signal));
    } catch (e) {
      // Its worker does not come back, and no page after this one would be drawn either.
      if (e instanceof Late) this.close();
      throw e;
    }
  }

  async #draw(number: number, canvas: HTMLCanvasElement, words: HTMLElement, width: number, rects: readonly Rect[], signal: AbortSignal): Promise<Box[]> {
    const page = await this.document.getPage(number);
    signal.throwIfAborted();
    const plain = page.getViewport({ scale: 1 });
    const viewport = page.getViewport({ scale: width / plain.width });
    const sharp = Math.min(Math.max(1, devicePixelRatio), Math.sqrt(maxPixels / (viewport.width * viewport.height)));
    canvas.width = Math.max(1, Math.floor(viewport.width * sharp));
    canvas.height = Math.max(1, Math.floor(viewport.height * sharp));
    const task = page.render({ canvas, viewport, transform: [sharp, 0, 0, sharp, 0, 0], annotationMode: AnnotationMode.ENABLE });
    const stop = (): void => task.cancel();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await task.promise;
    } finally {
      signal.removeEventListener('abort', stop);
    }
    words.replaceChildren();
    words.style.setProperty('--total-scale-factor', String(viewport.scale));
    const layer = new TextLayer({ textContentSource: page.streamTextContent({ includeMarkedContent: true }), container: words, viewport });
    await layer.render();
    signal.throwIfAborted();
    return rects.map((r) => box(viewport.convertToViewportRectangle([...r])));
  }

  /** Gives back what drawing a page took. */
  release(number: number, canvas: HTMLCanvasElement, words: HTMLElement): void {
    canvas.width = 0;
    canvas.height = 0;
    words.replaceChildren();
    void this.document.getPage(number).then((page: PDFPageProxy) => page.cleanup());
  }

  /** The words of a page in the order in which the document has them, a paragraph each. */
  async text(number: number): Promise<string[]> {
    const page = await this.document.getPage(number);
    const content = await page.getTextContent();
    return paragraphs(content.items.filter((i): i is TextItem => 'str' in i));
  }
}

function box([x1, y1, x2, y2]: number[]): Box {
  return { left: Math.min(x1!, x2!), top: Math.min(y1!, y2!), width: Math.abs(x2! - x1!), height: Math.abs(y2! - y1!) };
}
