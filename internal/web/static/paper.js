// Says whether a chosen or dropped file is the one that is kept here. The file is hashed on the device: without this script, or where
// the browser cannot hash, the form sends it to be compared.
const section = document.querySelector('#bandingkan');
const form = section?.querySelector('form');
const input = form?.querySelector('input[type=file]');
const answer = section?.querySelector('div[role=status]');

if (form && input && answer && globalThis.crypto?.subtle) {
  const words = section.dataset;
  let latest = 0;

  section.querySelector('form').previousElementSibling.textContent = words.device;

  const say = (kind, text) => {
    const p = document.createElement('p');
    if (kind) p.className = kind;
    p.textContent = text;
    answer.replaceChildren(p);
  };

  const compare = async (file) => {
    const turn = ++latest;
    section.querySelectorAll(':scope > .good, :scope > .bad, :scope > .summary').forEach((old) => old.remove());
    say('', words.busy);
    let same = false;
    try {
      // A file of another size need not be read, however large it is.
      if (file.size === Number(words.size)) {
        const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
        same = Array.from(sum, (b) => b.toString(16).padStart(2, '0')).join('') === words.sum;
      }
    } catch {
      if (turn === latest) say('bad', words.unread);
      return;
    }
    if (turn !== latest) return; // another file was chosen meanwhile
    say(same ? 'good' : 'bad', same ? words.same : words.other);
  };

  input.addEventListener('change', () => input.files[0] && compare(input.files[0]));
  form.addEventListener('submit', (e) => {
    if (!input.files[0]) return; // the server says what is missing
    e.preventDefault();
    compare(input.files[0]);
  });

  const holdsFile = (e) => Array.from(e.dataTransfer?.types ?? []).includes('Files');
  addEventListener('dragover', (e) => {
    if (!holdsFile(e)) return;
    e.preventDefault();
    section.classList.add('over');
  });
  addEventListener('dragleave', (e) => {
    if (e.relatedTarget === null) section.classList.remove('over');
  });
  addEventListener('drop', (e) => {
    if (!holdsFile(e)) return;
    e.preventDefault();
    section.classList.remove('over');
    const file = e.dataTransfer.files[0];
    if (!file) return;
    section.scrollIntoView({ block: 'nearest' });
    compare(file);
  });
}
