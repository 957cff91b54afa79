// The start of the app: the server drew the page around it, this fills <div id="app"> with what the address asks for.

import { mount, type Component } from 'svelte';
import { loadTexts } from './text';
import { followTheme } from './ui/theme';

// Each page is a chunk of its own, so that nobody loads what they do not look at.
const routes: Record<string, () => Promise<{ default: Component }>> = {
  '/verifikasi': () => import('./verify/Page.svelte'),
  '/simulasi': () => import('./simulasi/Page.svelte'),
  '/pasang': () => import('./pasang/Page.svelte'),
};

async function start(target: HTMLElement): Promise<void> {
  const route = routes[target.dataset.route ?? ''];
  if (!route) return;
  const [page] = await Promise.all([route(), loadTexts()]);
  target.replaceChildren();
  mount(page.default, { target });
}

followTheme();
const target = document.getElementById('app');
if (target) void start(target);
