import type { Watched } from './browser';

/** A page that somebody can come to. */
export interface Route {
  name: string;
  path: string;
  /** Whom of the demo's people it is for; nobody: a visitor. */
  as?: string;
  /** The title says that something went wrong; the status of the answer is then not 200. */
  sorry?: boolean;
}

/** Pages that are there in each instance. What has an address of its own in this demo is found by `found`. */
export const fixed: Route[] = [
  { name: 'front', path: '/' },
  { name: 'verify', path: '/verifikasi' },
  { name: 'teaching', path: '/simulasi' },
  { name: 'install', path: '/pasang' },
  { name: 'trust', path: '/percaya' },
  { name: 'help', path: '/bantuan' },
  { name: 'accessibility', path: '/aksesibilitas' },
  { name: 'log-in', path: '/masuk' },
  { name: 'forgotten password', path: '/lupa-sandi' },
  { name: 'spent link', path: '/aktivasi/tidak-ada', sorry: true },
  { name: 'nowhere', path: '/tidak-ada', sorry: true },
  { name: 'code on paper', path: '/v' },
  { name: 'unknown code', path: '/v/AAAABBBBCCCCE', sorry: true },
  { name: 'mistyped code', path: '/v/12345', sorry: true },
  { name: 'demo mailbox', path: '/dev/mail' },
  { name: 'demo mail', path: '/dev/mail/1' },
  { name: 'my certificates', path: '/sertifikat', as: 'Budi' },
  { name: 'sign', path: '/tanda-tangan', as: 'Budi' },
  { name: 'front, signed in', path: '/', as: 'Budi' },
  { name: 'queue', path: '/permohonan', as: 'Sari' },
  { name: 'new application', path: '/permohonan/baru', as: 'Sari' },
];

/** The demo's own document: the page of its owner, and the one that the code on paper leads to. */
export async function found(budi: Watched, sari: Watched): Promise<Route[]> {
  await budi.goto('/tanda-tangan');
  const out: Route[] = [];
  const document = await budi.page.locator('a[href^="/dokumen/"]').first().getAttribute('href');
  if (document !== null) {
    out.push({ name: 'document', path: document, as: 'Budi' });
    out.push({ name: 'paper', path: document.replace('/dokumen/', '/v/') });
  }
  await sari.goto('/permohonan?tahap=terbit');
  const application = await sari.page.locator('main a[href^="/permohonan/"]:not([href$="/baru"])').first().getAttribute('href');
  if (application !== null) out.push({ name: 'application', path: application, as: 'Sari' });
  return out;
}
