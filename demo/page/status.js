// Says where the visit stands: a word for each step, and what to do when one failed.
/* global document */

/** @typedef {'waiting' | 'connecting' | 'connected' | 'failed' | 'off'} State */

/** @param {string} step @param {State} state */
export function showStep(step, state) {
  const item = document.querySelector(`[data-step="${step}"]`);
  item.dataset.state = state;
  item.querySelector('span').textContent = state;
}

export function resetSteps() {
  for (const step of ['server', 'media', 'chat']) showStep(step, 'waiting');
  showStep('picture', 'off');
}

/** After a failure: the step that failed stays as it is, the others are over. */
export function endSteps() {
  for (const item of document.querySelectorAll('[data-step]')) {
    if (item.dataset.state !== 'failed') showStep(item.dataset.step, 'off');
  }
}

/** @param {{ message: string, cure: string } | undefined} failure */
export function showFailure(failure) {
  const box = document.querySelector('#failure');
  // Empty before it is shown and filled after: screen readers tell of what changes.
  box.hidden = !failure;
  box.querySelector('strong').textContent = failure?.message ?? '';
  box.querySelector('p span').textContent = failure?.cure ?? '';
}

/** For screen readers: the eye has the steps. */
export function tellNews(text) {
  document.querySelector('#news').textContent = text;
}
