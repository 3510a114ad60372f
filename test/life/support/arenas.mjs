// Reads many sources at once, and tells how many arenas of malloc the process has then, besides the first.
import fs from 'node:fs';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { MediaStreamTrackProcessor } from 'mediasoup-client-pion';

/** What glibc reserves for each, at a multiple of it. */
const SIZE = 64 << 20;

function arenas() {
  const maps = fs.readFileSync('/proc/self/maps', 'utf8').trim().split('\n');
  const regions = maps.map((line) => {
    const [, from, to, rest] = /^(\w+)-(\w+) (.*)/.exec(line);
    return {
      from: parseInt(from, 16),
      to: parseInt(to, 16),
      isAnonymous: !/\S+ \S+ \S+ [1-9]/.test(rest),
    };
  });
  return regions.filter(({ from, to, isAnonymous }, index) => {
    const next = regions[index + 1];
    const end = next?.from === to ? next.to : to;
    return isAnonymous && from % SIZE === 0 && (to - from === SIZE || end - from === SIZE);
  }).length;
}

/** Each reads another, as one is opened once. */
async function read(number) {
  const sourceValue = `testsrc2=size=${160 + 2 * number}x120:rate=30`;
  const data = { sourceType: 'device', format: 'lavfi', sourceValue };
  const track = new FakeMediaStreamTrack({ kind: 'video', data });
  const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
  for (let frames = 0; frames < 20; frames++) (await reader.read()).value.close();
  await reader.cancel();
}

await Promise.all(Array.from({ length: 30 }, (_, number) => read(number)));
console.log(arenas());
