// The page's side of the service worker (src/sw.ts): starting it, asking it, and learning of a newer state of the application.

import { lang } from '../text';
import { scriptURL } from '../scripts';

export interface State {
  build: string;
  whole: boolean; // everything is on this device
}

export type Progress = { done: number; total: number } | { failed: true } | State;

/** possible says whether this browser can keep the application at all; private windows and plain http cannot. */
export const possible = 'serviceWorker' in navigator && window.isSecureContext && 'caches' in window;

let started: Promise<ServiceWorkerRegistration | undefined> | undefined;

/** start registers the service worker once. It resolves to nothing where that is not possible. */
export function start(): Promise<ServiceWorkerRegistration | undefined> {
  started ??= possible
    ? navigator.serviceWorker
        .register(scriptURL('/sw.js'), { updateViaCache: 'none' })
        .then((registration: ServiceWorkerRegistration | undefined) => {
          registration?.active?.postMessage({ ask: 'language', language: lang });
          return registration;
        })
        .catch(() => undefined)
    : Promise.resolve(undefined);
  return started;
}

/** whenNewer calls back when a newer state of the application is ready to be used, or is used already by another tab. */
export async function whenNewer(ready: () => void): Promise<void> {
  const registration = await start();
  if (!registration) return;
  const watch = (worker: ServiceWorker | null) => {
    worker?.addEventListener('statechange', () => {
      if (worker.state === 'installed' && navigator.serviceWorker.controller) ready();
    });
  };
  if (registration.waiting && navigator.serviceWorker.controller) ready();
  watch(registration.installing);
  registration.addEventListener('updatefound', () => watch(registration.installing));
  if (navigator.serviceWorker.controller) {
    navigator.serviceWorker.addEventListener('controllerchange', ready, { once: true });
  }
  // An application that stays open for days asks when it is looked at again.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') registration.update().catch(() => {});
  });
}

/** takeNewer gives the page over to the newer state: this tab is loaded again, others say that they are old. */
export async function takeNewer(): Promise<void> {
  const waiting = (await start())?.waiting;
  if (!waiting) {
    location.reload();
    return;
  }
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  waiting.postMessage({ ask: 'take-over' });
}

/** ask puts a question to the service worker and hands on what it answers, until it answers with its state or that it failed. */
async function ask(question: 'state' | 'whole', each: (p: Progress) => void): Promise<State | undefined> {
  const registration = await start();
  if (!registration) return undefined;
  const worker = (await navigator.serviceWorker.ready).active;
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }: MessageEvent<Progress>) => {
      each(data);
      if ('build' in data || 'failed' in data) {
        port1.close();
        resolve('build' in data ? data : undefined);
      }
    };
    worker?.postMessage({ ask: question }, [port2]);
  });
}

/** state is what this device has; nothing where the application cannot be kept. */
export const state = () => ask('state', () => {});

/** keepWhole fetches all that is needed without a network. It resolves to nothing when that failed. */
export const keepWhole = (progress: (done: number, total: number) => void) =>
  ask('whole', (p) => 'done' in p && progress(p.done, p.total));
