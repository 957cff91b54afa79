// The start of the app: the server drew the page around it, this fills <div id="app"> with what the address asks for.

import { mount, unmount, type Component } from 'svelte';
import { keepWhole, start as startService, whenNewer } from './installed/service';
import Notice from './installed/Notice.svelte';
import { loadTexts } from './text';
import { followTheme } from './ui/theme';

// Each page is a chunk of its own, so that nobody loads what they do not look at.
const routes: Record<string, () => Promise<{ default: Component }>> = {
  '/verifikasi': () => import('./verify/Page.svelte'),
  '/simulasi': () => import('./simulasi/Page.svelte'),
  '/pasang': () => import('./pasang/Page.svelte'),
};

let told: Record<string, unknown> | undefined;

function tell(kind: 'newer' | 'old'): void {
  if (told) return; // one at a time, and the first is not taken back
  const notice = mount(Notice, {
    target: document.body,
    props: {
      kind,
      onlater: () => {
        void unmount(notice);
        told = undefined;
      },
    },
  });
  told = notice;
}

async function start(target: HTMLElement): Promise<void> {
  const name = target.dataset.route ?? '';
  const route = routes[name];
  if (!route) return;
  const [page] = await Promise.all([route(), loadTexts()]);
  target.replaceChildren();
  mount(page.default, { target });
  target.dataset.ready = ''; // for tests: from here on the page is what it will be

  void whenNewer(() => tell('newer'));
  void keepInstalled();
}

/** keepInstalled fetches the whole for who installed the application: that is what installing is for. */
async function keepInstalled(): Promise<void> {
  if (!(await startService())) return;
  const keep = () => void keepWhole(() => {});
  if (matchMedia('(display-mode: standalone)').matches) keep();
  window.addEventListener('appinstalled', keep, { once: true });
}

// A part of the app that the server no longer has: this page is from before an update.
window.addEventListener('vite:preloadError', (e) => {
  e.preventDefault();
  tell('old');
});

followTheme();
const target = document.getElementById('app');
if (target) void start(target);
