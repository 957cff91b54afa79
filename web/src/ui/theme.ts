// Light, dark, or as the device has it. The server sets the attribute from a cookie; the same choice is made here without another
// page, because this one may hold a list of documents.

export type Theme = 'auto' | 'light' | 'dark';

const cookie = 'absah_theme';

function chosen(): Theme {
  const value = document.cookie.match(/(?:^|; )absah_theme=(\w+)/)?.[1];
  return value === 'light' || value === 'dark' ? value : 'auto';
}

function show(theme: Theme, form: HTMLFormElement | null): void {
  document.documentElement.dataset.theme = theme;
  for (const button of form?.querySelectorAll<HTMLButtonElement>('button[name="tema"]') ?? []) {
    button.setAttribute('aria-pressed', String(button.value === theme));
  }
}

/** followTheme makes the form in the page's foot work here, and corrects a page that was kept from before the last choice. */
export function followTheme(): void {
  const form = document.querySelector<HTMLFormElement>('form.theme');
  show(chosen(), form);
  form?.addEventListener('submit', (e) => {
    const value = (e.submitter as HTMLButtonElement | null)?.value;
    if (value !== 'auto' && value !== 'light' && value !== 'dark') return;
    e.preventDefault();
    const secure = location.protocol === 'https:' ? '; Secure' : '';
    document.cookie = `${cookie}=${value}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    show(value, form);
  });
}
