import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server before the demo that can go away, and that can pretend to be one of a newer program. */
export class Front {
  /** Paths and bodies' sizes of what was asked. */
  readonly asked: { method: string; path: string }[] = [];
  /** What the newer program calls its state; nothing = it is the demo's own. */
  newer: string | undefined;
  /** Paths that the newer program does not have any more. */
  readonly gone = new Set<string>();

  private server: Server | undefined;
  private port = 0;

  constructor(private readonly behind: string) {}

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  async start(): Promise<void> {
    const server = createServer((q, r) => {
      this.pass(q, r);
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    server?.closeAllConnections();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  }

  private pass(q: IncomingMessage, r: ServerResponse): void {
    const path = q.url ?? '/';
    this.asked.push({ method: q.method ?? '', path });
    if (this.gone.has(path)) {
      r.writeHead(404).end();
      return;
    }
    const headers = { ...q.headers };
    const newer = this.newer;
    if (newer !== undefined) delete headers['accept-encoding'];
    const on = request(`${this.behind}${path}`, { method: q.method, headers }, (a) => {
      if (newer === undefined) {
        r.writeHead(a.statusCode ?? 502, a.headers);
        a.pipe(r);
        return;
      }
      const parts: Buffer[] = [];
      a.on('data', (b: Buffer) => parts.push(b));
      a.on('end', () => {
        let body = Buffer.concat(parts);
        const old = a.headers['absah-build'];
        if (typeof old === 'string') a.headers['absah-build'] = newer;
        if (path === '/sw.js') body = Buffer.from(body.toString().replace(/"build":"\w+"/, `"build":"${newer}"`));
        delete a.headers['content-length'];
        delete a.headers.etag;
        r.writeHead(a.statusCode ?? 502, a.headers);
        r.end(body);
      });
    });
    on.on('error', () => r.destroy());
    q.pipe(on);
  }
}
