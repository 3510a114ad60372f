import { openRoom, join, fileTrack, codecOf } from '/work/h/congestion/test/e2e/session.js';
import { Relay } from '/work/h/congestion/test/e2e/support/relay.mjs';
import { clip, tone } from '/work/h/congestion/test/sources/support/clips.mjs';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
test('trace', async (t) => {
  const noise = await clip('noise.mp4', ['-f','lavfi','-i','testsrc2=s=480x270:r=30:d=4,noise=alls=30:allf=t'], tone(4), ['-c:v','libx264','-preset','veryfast','-b:v','6M','-g','60','-c:a','aac','-pix_fmt','yuv420p']);
  const room = await openRoom(t);
  const relay = new Relay({ seed: 1, up: { delayMs: 10 }, down: { delayMs: 10 } });
  t.after(() => relay.close());
  const alice = await join(room);
  if (process.env.REMB) {
    const caps = structuredClone(room.router.rtpCapabilities);
  }
  const sending = await alice.createSendTransport({ relay });
  const track = (kind) => new FakeMediaStreamTrack({ kind, data: { sourceType: 'file', sourceValue: noise, loop: true } });
  const video = await sending.produce({ track: track('video'), codec: codecOf(alice.device, process.env.CODEC ?? 'video/VP8'), encodings: [{ maxBitrate: 2_000_000 }] });
  const audio = await sending.produce({ track: track('audio') });
  const tap = await room.plainTap(audio);
  let n = 0; tap.on('packet', () => n++);
  const begin = performance.now();
  const Q = Number(process.env.QMS ?? 300);
  for (let i = 0; i < 60; i++) {
    if (i === 12) relay.up.set({ bitrate: 500_000, queueMs: Q, delayMs: 10 });
    if (i === 36) relay.up.set({ delayMs: 10 });
    const { bytes, lost, packets } = relay.up;
    const at = performance.now(); const n0 = n;
    await sleep(500);
    const s = [...(await sending.getStats()).values()];
    const pair = s.find((e) => e.type === 'candidate-pair' && e.nominated && e.availableOutgoingBitrate !== undefined) ?? {};
    const out = s.find((e) => e.type === 'outbound-rtp' && e.kind === 'video') ?? {};
    const dt = performance.now() - at;
    console.log(((performance.now()-begin)/1000).toFixed(1), 'kbit/s', ((relay.up.bytes - bytes) * 8 / dt).toFixed(0), 'lost', relay.up.lost - lost, '/', relay.up.packets - packets, 'avail', pair.availableOutgoingBitrate, 'target', out.targetBitrate, 'retr', out.retransmittedPacketsSent, 'audio', n - n0, 'fps', out.framesPerSecond, out.qualityLimitationReason, 'delay', out.totalPacketSendDelay, 'kf', out.keyFramesEncoded, 'nack', out.nackCount, 'enc', out.framesEncoded, 'sent', out.framesSent);
  }
  const st = await room.serverProducer(audio).getStats();
  console.log(st.map((s) => ({ packetsLost: s.packetsLost, packetCount: s.packetCount, score: s.score })));
});
