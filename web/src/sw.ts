/// <reference lib="webworker" />
// Keeps the application for use without a network. It never keeps a page that was made for somebody: it has its own copies of the
// application's pages, fetched without cookies. Any other page passes by untouched.

export {};
declare const self: ServiceWorkerGlobalScope & { absah: Kept };

/** Kept stands before this script, written by the server: the application in one of its states. */
interface Kept {
  build: string;
  shells: Record<string, Record<string, string>>; // route → language → address
  files: string[];
  large: Record<string, number>; // fetched when first used, or when the person wants the whole
}

const { build, shells, files, large } = self.absah;
const lasting = new Set([...files, ...Object.keys(large)]);

const prefix = 'absah-build-';
const own = prefix + build;
const memory = 'absah-memory'; // what outlives a state: the language, the trust package, whether the person wanted the whole
const inbox = 'absah-shared'; // files on their way to the page that reads them

const trust = '/trust/package.json';
const offline = '/luring';
const share = '/verifikasi/berbagi';
const patience = 4000; // a network that is there and does not answer is the common case on a phone

// Bounds of what another application hands over.
const maxShared = 500;
const maxKeptMinutes = 60;

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('message', (event) => event.waitUntil(answer(event)));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === 'POST' && url.pathname === share) {
    event.respondWith(receive(request));
  } else if (request.method !== 'GET') {
    return;
  } else if (request.mode === 'navigate' && shells[url.pathname]) {
    event.respondWith(page(request, url));
  } else if (request.mode === 'navigate') {
    event.respondWith(elsewhere(request));
  } else if (url.pathname.startsWith('/app/') || url.pathname.startsWith('/static/')) {
    event.respondWith(file(request, url));
  } else if (url.pathname === trust) {
    event.respondWith(trustPackage());
  }
});

/** install fetches what every visit needs, and all of it when the person had all of the state before. */
async function install(): Promise<void> {
  const cache = await caches.open(own);
  const whole = await remembered('whole');
  await Promise.all(
    Object.values(shells)
      .flatMap((languages) => Object.values(languages))
      .map((address) => add(cache, address)),
  );
  await addAll(cache, whole ? [...lasting] : files);
  await trustPackage();
}

/** activate throws old states away, except the one before: a tab may still show it, and ask for a part that it did not have yet. */
async function activate(): Promise<void> {
  const states = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== own);
  await Promise.all(states.slice(0, -1).map((name) => caches.delete(name)));
  await sweep();
  // The first visit is served too, so that what it loads is kept.
  if (states.length === 0) await self.clients.claim();
}

async function add(cache: Cache, address: string): Promise<void> {
  const response = await fetch(address, { credentials: 'omit', cache: 'no-cache' });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  await cache.put(address, response);
}

/** addAll takes from an older state what did not change: the address carries the hash of the content. */
async function addAll(cache: Cache, addresses: string[], progress?: (address: string) => void): Promise<void> {
  const todo = [...addresses];
  const fetcher = async (): Promise<void> => {
    for (let address = todo.shift(); address; address = todo.shift()) {
      if (!(await cache.match(address, { ignoreVary: true }))) {
        const before = await caches.match(address, { ignoreVary: true });
        if (before) await cache.put(address, before);
        else await add(cache, address);
      }
      progress?.(address);
    }
  };
  await Promise.all([fetcher(), fetcher(), fetcher(), fetcher()]);
}

async function file(request: Request, url: URL): Promise<Response> {
  const kept = await caches.match(url.pathname, { ignoreVary: true });
  if (kept) return kept;
  const response = await fetch(request);
  if (response.status === 200) {
    const cache = await caches.open(own);
    await cache.put(url.pathname, response.clone()).catch(() => {}); // no room: it is asked for again
  }
  return response;
}

/**
 * page shows the server's page, which knows who is signed in, as long as it belongs to this state of the application. A newer state is
 * fetched beside it and announced; until the person takes it, the kept page of this one is shown.
 */
async function page(request: Request, url: URL): Promise<Response> {
  const wish = url.searchParams.get('lang');
  if (wish === 'id' || wish === 'en') await remember('language', wish);
  const response = await within(patience, fetch(request));
  if (response?.type === 'opaqueredirect') return response;
  if (response && response.status < 500) {
    const theirs = response.headers.get('Absah-Build');
    if (!theirs || theirs === build) return response;
    // When the newer state cannot be had, the old one must not stay for ever.
    const { registration } = self;
    if (!registration.waiting && !registration.installing) await registration.update().catch(() => {});
    if (registration.waiting || registration.installing) return (await shell(url)) ?? response;
    return response;
  }
  return (await shell(url)) ?? response ?? Response.error();
}

/** elsewhere is a page that only the server has; without a network something is said that helps more than the browser's own page. */
async function elsewhere(request: Request): Promise<Response> {
  return fetch(request).catch(async () => (await shell(new URL(offline, location.href))) ?? Response.error());
}

async function shell(url: URL): Promise<Response | undefined> {
  const wish = url.searchParams.get('lang') ?? (await remembered('language')) ?? 'id';
  const address = shells[url.pathname]?.[wish === 'en' ? 'en' : 'id'];
  return address ? (await caches.open(own)).match(address, { ignoreVary: true }) : undefined;
}

async function within(milliseconds: number, response: Promise<Response>): Promise<Response | undefined> {
  return Promise.race([
    response.catch(() => undefined),
    new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), milliseconds)),
  ]);
}

/** trustPackage is the newest that can be had. One from before says when it was fetched. */
async function trustPackage(): Promise<Response> {
  const cache = await caches.open(memory);
  const response = await within(patience, fetch(trust, { credentials: 'omit', cache: 'no-cache' }));
  if (response?.ok) {
    const headers = new Headers(response.headers);
    headers.set('Absah-Kept', new Date().toISOString());
    headers.delete('Content-Encoding'); // the body is decoded already
    headers.delete('Content-Length');
    const body = await response.clone().blob();
    await cache.put(trust, new Response(body, { headers })).catch(() => {});
    return response;
  }
  return (await cache.match(trust)) ?? response ?? Response.error();
}

async function remember(name: string, value: string): Promise<void> {
  await (await caches.open(memory)).put(`/absah-memory/${name}`, new Response(value));
}

async function remembered(name: string): Promise<string | undefined> {
  return (await (await caches.open(memory)).match(`/absah-memory/${name}`))?.text();
}

/**
 * receive takes files that another application shares. They stay on this device: each is laid into a cache, and the page that opens
 * next reads them and throws them away.
 */
async function receive(request: Request): Promise<Response> {
  await sweep();
  let shared: File[];
  try {
    const form = await request.formData();
    shared = form.getAll('berkas').filter((entry): entry is File => entry instanceof File && entry.size > 0);
  } catch {
    return Response.redirect('/verifikasi?berbagi=gagal', 303);
  }
  const id = crypto.randomUUID();
  const cache = await caches.open(inbox);
  try {
    for (const [n, one] of shared.slice(0, maxShared).entries()) {
      const headers = {
        'Content-Type': one.type || 'application/octet-stream',
        'Absah-Name': encodeURIComponent(one.name),
        'Absah-At': String(Date.now()),
      };
      await cache.put(`/absah-shared/${id}/${n}`, new Response(one, { headers }));
    }
  } catch {
    await Promise.all((await cache.keys()).filter((k) => k.url.includes(id)).map((k) => cache.delete(k)));
    return Response.redirect('/verifikasi?berbagi=gagal', 303); // no room
  }
  return Response.redirect(`/verifikasi?berbagi=${id}`, 303);
}

/** sweep throws away shared files that no page came for. */
async function sweep(): Promise<void> {
  const cache = await caches.open(inbox);
  for (const key of await cache.keys()) {
    const at = Number((await cache.match(key))?.headers.get('Absah-At') ?? 0);
    if (Date.now() - at > maxKeptMinutes * 60_000) await cache.delete(key);
  }
}

/** answer serves the page that asks: to take over, to fetch the whole, or to say what is here. */
async function answer(event: ExtendableMessageEvent): Promise<void> {
  const [port] = event.ports;
  switch ((event.data as { ask?: string } | null)?.ask) {
    case 'take-over':
      await self.skipWaiting();
      return;
    case 'language':
      await remember('language', (event.data as { language: string }).language);
      return;
    case 'state':
      port?.postMessage(await state());
      return;
    case 'whole': {
      let done = 0;
      try {
        await remember('whole', 'yes');
        await addAll(await caches.open(own), [...lasting], (address) => {
          done += large[address] ?? 0;
          port?.postMessage({ done, total: total() });
        });
        await trustPackage();
        port?.postMessage(await state());
      } catch {
        port?.postMessage({ failed: true });
      }
    }
  }
}

const total = () => Object.values(large).reduce((sum, n) => sum + n, 0);

async function state(): Promise<{ build: string; whole: boolean }> {
  const cache = await caches.open(own);
  const have = await Promise.all([...lasting].map((address) => cache.match(address, { ignoreVary: true })));
  return { build, whole: have.every(Boolean) };
}
