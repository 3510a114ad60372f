// A process that may have only some threads: sources of a server that falls silent are opened until one is refused.
import { MediaStreamTrackProcessor, createWorker } from 'mediasoup-client-pion';

const [url, file] = process.argv.slice(2);
const worker = await createWorker({ logLevel: 'error' });
const open = async (audio) => (await worker.getUserMedia({ audio })).getTracks()[0];
let frames = 0;
async function read(track, count = () => {}) {
  const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    next.value.close();
    count();
  }
}
const silent = async (n) => {
  const options = { analyzeduration: '100000' };
  const track = await open({ source: 'url', url: `${url}/${n}`, timeout: 120, options });
  void read(track);
  return track;
};
const more = async () => {
  for (const before = frames; frames < before + 20;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
const refusal = async (opening) => {
  try {
    await opening;
    return undefined;
  } catch ({ name, message }) {
    return `${name}: ${message}`;
  }
};

void read(await open({ source: 'file', file, loop: true }), () => frames++);
const tracks = [];
const refused = {};
for (let n = 0; n < 500 && !refused.one; n++) {
  refused.one = await refusal(silent(n).then((track) => tracks.push(track)));
}
const opened = tracks.length;
// As many at once as there could be: not all of them, and those that are refused do no harm.
for (const track of tracks.splice(0, opened / 2)) track.stop();
await more();
const together = await Promise.allSettled(Array.from({ length: 200 }, (_, n) => silent(1000 + n)));
refused.many = together.find(({ status }) => status === 'rejected')?.reason.message;
const taken = together.filter(({ status }) => status === 'fulfilled').map(({ value }) => value);
await more();
for (const track of [...tracks, ...taken]) track.stop();
// Those that were stopped close one after the other.
let again;
for (const end = performance.now() + 60_000; !again;) {
  await more();
  again = await open({ source: 'file', file, loop: false }).catch((error) => {
    if (performance.now() > end) throw error;
  });
}
console.log(JSON.stringify({ opened, taken: taken.length, refused, again: again.readyState }));
worker.close();
