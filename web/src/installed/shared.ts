// Files that come from outside: shared from another application, or opened with the installed one.

const inbox = 'absah-shared';

/** sharedFiles reads the files that the service worker laid down for this page, and throws them away. */
export async function sharedFiles(id: string): Promise<File[]> {
  const cache = await caches.open(inbox);
  const keys = (await cache.keys()).filter((key) => new URL(key.url).pathname.startsWith(`/absah-shared/${id}/`));
  const files: File[] = [];
  for (const key of keys) {
    const kept = await cache.match(key);
    if (!kept) continue;
    const name = decodeURIComponent(kept.headers.get('Absah-Name') ?? '');
    files.push(new File([await kept.blob()], name, { type: kept.headers.get('Content-Type') ?? '' }));
    await cache.delete(key);
  }
  return files;
}

interface LaunchQueue {
  setConsumer(consumer: (params: { files?: readonly FileSystemFileHandle[] }) => void): void;
}

/**
 * deliver hands every file that came from outside to the page that checks documents, and says when something was shared that did not
 * arrive.
 */
export async function deliver(offer: (files: File[]) => void, lost: () => void): Promise<void> {
  const queue = (window as unknown as { launchQueue?: LaunchQueue }).launchQueue;
  queue?.setConsumer((params) => {
    const handles = params.files ?? [];
    if (handles.length === 0) return;
    Promise.all(handles.map((handle) => handle.getFile())).then(offer, lost);
  });

  const here = new URL(location.href);
  const id = here.searchParams.get('berbagi');
  if (id === null) return;
  // Loading the page again must not look for files that are gone.
  here.searchParams.delete('berbagi');
  history.replaceState(history.state, '', here);
  const files = /^[0-9a-f-]{36}$/.test(id) && 'caches' in window ? await sharedFiles(id).catch(() => []) : [];
  if (files.length > 0) offer(files);
  else lost();
}
