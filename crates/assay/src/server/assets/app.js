// Makes the pages quicker to use: follows jobs, takes dropped files, asks before what cannot be taken back, and writes numbers of
// times as the reader's browser does. Every page works without it.
(() => {
  'use strict';
  const workspace = location.pathname.match(/^\/w\/([^/]+)/);

  // A page that waits for a job shows how far it is and is read again when the job has ended.
  const waits = document.body.dataset.job;
  if (waits && workspace) {
    const events = new EventSource(`/api/v1/workspaces/${workspace[1]}/jobs/${waits}/events`);
    const lines = document.querySelectorAll(`.job[data-job="${waits}"]`);
    // A job that the server no longer knows has ended: the page says what came of it.
    events.addEventListener('error', () => {
      if (events.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 2000);
    });
    events.addEventListener('state', (event) => {
      const job = JSON.parse(event.data);
      if (['done', 'failed', 'stopped'].includes(job.state)) {
        events.close();
        location.reload();
        return;
      }
      for (const line of lines) {
        const share = job.total ? Math.min(100, Math.floor((100 * job.done) / job.total)) : null;
        const said = job.state === 'waiting' ? `${job.what}: waits for what is under way` : `${job.what}: ${job.step}` + (share === null ? '' : `, ${share} %`);
        line.querySelector('p').textContent = said;
        const bar = line.querySelector('progress');
        if (share === null) bar.removeAttribute('value');
        else { bar.max = 100; bar.value = share; }
      }
    });
  }

  // Files may be dropped anywhere on the form, and are sent with their progress.
  for (const form of document.querySelectorAll('[data-drop]')) {
    const files = form.querySelector('input[type=file]');
    const bar = form.querySelector('progress');
    const chosen = form.querySelector('.chosen');
    const say = (words) => { chosen.hidden = false; chosen.textContent = words; };
    const named = () => { if (files.files.length > 1) say([...files.files].map((f) => f.name).join(', ')); };
    files.addEventListener('change', named);
    const over = (on) => (event) => { event.preventDefault(); form.classList.toggle('over', on); };
    form.addEventListener('dragover', over(true));
    form.addEventListener('dragleave', over(false));
    form.addEventListener('drop', (event) => {
      over(false)(event);
      if (!event.dataTransfer.files.length) return;
      files.files = event.dataTransfer.files;
      named();
      form.requestSubmit();
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const size = [...files.files].reduce((sum, file) => sum + file.size, 0);
      if (size > Number(form.dataset.most)) {
        say(`Too large: ${Math.ceil(size / 2 ** 20)} MB, and ${Math.floor(form.dataset.most / 2 ** 20)} MB may be sent at once. assay import, at the machine, takes files of any size.`);
        return;
      }
      const request = new XMLHttpRequest();
      request.open('POST', form.action);
      bar.hidden = false;
      request.upload.addEventListener('progress', (at) => { if (at.lengthComputable) bar.value = (100 * at.loaded) / at.total; });
      request.addEventListener('load', () => {
        if (request.status < 400) { location.href = request.responseURL; return; }
        const answer = new DOMParser().parseFromString(request.responseText, 'text/html').querySelector('main');
        document.querySelector('main').replaceChildren(...(answer ? answer.childNodes : []));
      });
      request.addEventListener('error', () => { bar.hidden = true; say('The server could not be reached; try again'); });
      request.send(new FormData(form));
    });
  }

  // Sliders answer while they move: the page is asked for what it would show, and its answer put in place.
  for (const form of document.querySelectorAll('[data-sliders]')) {
    let asked = 0, waiting = null;
    const answer = async () => {
      const own = ++asked;
      const address = form.action + '?' + new URLSearchParams(new FormData(form));
      const page = new DOMParser().parseFromString(await (await fetch(address)).text(), 'text/html');
      const fresh = page.querySelector('[data-outcome]');
      if (own !== asked || !fresh) return;
      document.querySelector('[data-outcome]').replaceChildren(...fresh.childNodes);
      history.replaceState(null, '', address);
    };
    form.addEventListener('input', (event) => {
      // Buying and removing are two questions: the last one that was asked counts.
      const other = { buy: 'remove', remove: 'buy' }[event.target.name];
      if (other && form.elements[other]) form.elements[other].value = 0;
      for (const out of form.querySelectorAll('output')) out.value = Number(form.elements[out.htmlFor.value].value).toLocaleString(document.documentElement.dataset.numbers || 'en');
      clearTimeout(waiting);
      waiting = setTimeout(answer, 40);
    });
    form.addEventListener('submit', (event) => { event.preventDefault(); answer(); });
  }

  // A picture travels as text in the form.
  for (const form of document.querySelectorAll('[data-logo]')) {
    form.querySelector('input[type=file]').addEventListener('change', (event) => {
      const file = event.target.files[0];
      if (!file) return;
      const reader = new FileReader();
      reader.addEventListener('load', () => { form.elements.logo.value = reader.result; });
      reader.readAsDataURL(file);
    });
  }

  for (const button of document.querySelectorAll('[data-print]')) {
    button.hidden = false;
    button.addEventListener('click', () => print());
  }

  for (const form of document.querySelectorAll('[data-confirm]')) {
    form.addEventListener('submit', (event) => { if (!confirm(form.dataset.confirm)) event.preventDefault(); });
  }
})();
