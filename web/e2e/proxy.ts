import { createServer, request as ask, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it left the browser, with every byte that it carried. */
export interface Recorded {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: Buffer;
}

/**
 * Recorder is a proxy through which a browser sends everything, also what a page, a worker or a service worker sends without its
 * tools noticing. It passes on what goes to one origin, and refuses the rest, so that a test may look at what was tried.
 */
export class Recorder {
  readonly requests: Recorded[] = [];
  /** Answers given here instead of the server's, by path: such as another trust package. */
  readonly instead = new Map<string, Uint8Array>();
  private constructor(
    private readonly server: Server,
    readonly address: string,
  ) {}

  static async start(origin: string): Promise<Recorder> {
    const target = new URL(origin);
    const server = createServer((req, res) => {
      const chunks: Buffer[] = [];
      req.on('data', (b: Buffer) => chunks.push(b));
      req.on('end', () => {
        const body = Buffer.concat(chunks);
        const url = req.url ?? '';
        recorder.requests.push({ method: req.method ?? '', url, headers: flat(req.headers), body });
        if (new URL(url, 'http://none.invalid').host !== target.host) {
          res.writeHead(502).end();
          return;
        }
        const to = new URL(url);
        const instead = recorder.instead.get(to.pathname);
        if (instead !== undefined) {
          res.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }).end(instead);
          return;
        }
        const onward = ask(
          { host: to.hostname, port: to.port, path: to.pathname + to.search, method: req.method, headers: req.headers },
          (answer) => {
            res.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(res);
          },
        );
        onward.on('error', () => {
          if (res.headersSent) res.destroy();
          else res.writeHead(502).end();
        });
        onward.end(body);
      });
    });
    // WebSockets and HTTPS ask for a tunnel. Nothing of ours needs one.
    server.on('connect', (req, socket) => {
      recorder.requests.push({
        method: 'CONNECT',
        url: req.url ?? '',
        headers: flat(req.headers),
        body: Buffer.alloc(0),
      });
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const recorder = new Recorder(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return recorder;
  }

  /** Requests that a test did not expect to see at all: to other origins, or through a tunnel. */
  foreign(origin: string): Recorded[] {
    return this.requests.filter((r) => r.method === 'CONNECT' || !r.url.startsWith(origin + '/'));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function flat(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, Array.isArray(v) ? v.join(', ') : (v ?? '')]));
}
