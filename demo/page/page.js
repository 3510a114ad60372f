// The page: joins the room, shows what comes, and sends what the visitor wants to send.
/* global document, window, MediaStream */
import { Chat } from './chat.js';
import { Picture } from './picture.js';
import { Statistics } from './statistics.js';
import { endSteps, resetSteps, showFailure, showStep, tellNews } from './status.js';
import { Visit } from './visit.js';

const $ = (selector) => document.querySelector(selector);
const botVideo = $('#bot-video');
const sound = $('#sound');
const volume = $('#volume');

const picture = new Picture({
  onTrack: (track) => (track ? send(track) : stopSending()),
});
const chat = new Chat();
const statistics = new Statistics($('#charts'));

/** @type {Visit | undefined} */
let visit;

async function connect() {
  leave();
  showFailure(undefined);
  resetSteps();
  const joining = new Visit();
  visit = joining;
  joining.onStep = (step, state) => {
    if (joining !== visit) return;
    showStep(step, state);
    if (step === 'picture' && state === 'failed') picture.tell('It did not come back.');
  };
  joining.onFailure = (failure) => {
    if (joining !== visit) return;
    leave();
    endSteps();
    showFailure(failure);
    tellNews('');
  };
  joining.onBack = (consumer) => show($('#back-video'), consumer?.track);
  try {
    const { file, consumers } = await joining.join();
    $('#file').textContent = file;
    // One stream, so that the browser keeps picture and sound together.
    show(botVideo, ...consumers.map(({ track }) => track));
    sound.disabled = volume.disabled = !consumers.some(({ kind }) => kind === 'audio');
    picture.setEnabled(true);
    statistics.start(joining);
    chat.open(await joining.openChat());
    tellNews('Connected. The bot’s file plays without sound until you press “Play sound”.');
  } catch (error) {
    joining.fail(error);
  }
}

/** Frees everything of this visit, here and on the server. */
function leave() {
  statistics.stop();
  chat.close();
  picture.stop();
  picture.setEnabled(false);
  sound.disabled = volume.disabled = true;
  for (const video of document.querySelectorAll('video')) show(video);
  visit?.close();
  visit = undefined;
}

async function send(track) {
  const sending = visit;
  show($('#own-video'), track);
  try {
    await sending.sendPicture(track);
  } catch (error) {
    // Chosen anew, or gone, in the meantime: nothing to tell.
    if (sending === visit && picture.track === track) {
      picture.stop();
      picture.tell(`It could not be sent: ${error.message}`);
      showStep('picture', 'failed');
    }
  }
}

function stopSending() {
  show($('#own-video'));
  show($('#back-video'));
  visit?.stopPicture();
}

function show(video, ...tracks) {
  const shown = tracks.filter(Boolean);
  video.srcObject = shown.length > 0 ? new MediaStream(shown) : null;
  const cover = video.parentElement.querySelector('.cover');
  cover.hidden = false;
  // Until there is something to see, the cover says what is missing.
  if (shown.length > 0) {
    video.addEventListener('loadeddata', () => (cover.hidden = true), { once: true });
  }
}

sound.addEventListener('click', () => {
  // Browsers play sound only after a click or a key.
  botVideo.muted = !botVideo.muted;
  botVideo.volume = volume.valueAsNumber;
  botVideo.play().catch(() => {});
  sound.setAttribute('aria-pressed', String(!botVideo.muted));
});
volume.addEventListener('input', () => (botVideo.volume = volume.valueAsNumber));
$('#again').addEventListener('click', connect);
// A page that is left, or kept for the Back button, holds nothing; one that comes back joins again.
window.addEventListener('pagehide', leave);
window.addEventListener('pageshow', ({ persisted }) => persisted && connect());

connect();
