import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { types } from 'mediasoup';
import { codecOf, fileTrack, join, openRoom, silence, until } from './session.js';

type Entry = Record<string, unknown> & { id: string; type: string; timestamp: number };
type ProducerStat = types.ProducerStat;
type Report = ReadonlyMap<string, Entry>;

const asReport = (report: unknown): Report => report as Report;

function only(report: Report, type: string): Entry {
  const found = [...report.values()].filter((entry) => entry.type === type);
  assert.equal(found.length, 1, `${type}: ${found.length} of them`);
  return found[0] ?? assert.fail();
}

function at(report: Report, from: Entry, reference: string): Entry {
  return report.get(from[reference] as string) ?? assert.fail(`${reference} leads nowhere`);
}

const typesOf = (report: Report): string[] =>
  [...new Set([...report.values()].map(({ type }) => type))].sort();

const number = (entry: Entry, name: string): number => {
  const value = entry[name];
  assert.equal(typeof value, 'number', `${entry.type}.${name} is ${String(value)}`);
  return value as number;
};

/** Every reference has to lead somewhere, to the type that its name says. */
function assertResolved(report: Report): void {
  const referred: Record<string, string[]> = {
    codecId: ['codec'],
    transportId: ['transport'],
    mediaSourceId: ['media-source'],
    remoteId: ['remote-inbound-rtp', 'remote-outbound-rtp'],
    localId: ['outbound-rtp', 'inbound-rtp'],
    localCandidateId: ['local-candidate'],
    remoteCandidateId: ['remote-candidate'],
    selectedCandidatePairId: ['candidate-pair'],
    localCertificateId: ['certificate'],
    remoteCertificateId: ['certificate'],
  };
  for (const entry of report.values()) {
    assert.ok(Math.abs(entry.timestamp - Date.now()) < 10_000, `${entry.type}.timestamp`);
    for (const [name, value] of Object.entries(entry)) {
      if (!name.endsWith('Id')) continue;
      assert.ok(referred[name], `${entry.type}.${name} is unknown`);
      const target = report.get(value as string);
      assert.ok(target, `${entry.type}.${name} leads nowhere: ${String(value)}`);
      assert.ok(referred[name].includes(target.type), `${name} leads to ${target.type}`);
    }
  }
}

// What may fall: a state, a rate or a level of this moment, and a loss that is repaired.
const MAY_FALL = new Set([
  ...['packetsLost', 'fractionLost', 'jitter', 'roundTripTime', 'currentRoundTripTime'],
  ...['framesPerSecond', 'audioLevel', 'targetBitrate', 'availableOutgoingBitrate'],
]);

function assertForward(before: Report, after: Report): void {
  for (const [id, old] of before) {
    const entry = after.get(id);
    if (!entry) continue;
    for (const [name, value] of Object.entries(old)) {
      if (typeof value !== 'number' || MAY_FALL.has(name)) continue;
      assert.ok(number(entry, name) >= value, `${entry.type}.${name}: ${value}, then less`);
    }
  }
}

const COMMON = ['candidate-pair', 'certificate', 'codec', 'local-candidate', 'remote-candidate'];

async function setUp(t: Parameters<typeof openRoom>[0]) {
  const room = await openRoom(t);
  const alice = await join(room);
  const bob = await join(room);
  const sending = await alice.createSendTransport();
  const receiving = await bob.createRecvTransport();
  const video = await sending.produce({
    // Encoded, although the file could be sent as it is.
    track: fileTrack('video', 'red-440hz.mp4', { loop: true, decode: true }),
    codec: codecOf(alice.device, 'video/H264'),
  });
  const audio = await sending.produce({
    track: fileTrack('audio', 'red-440hz.mp4', { loop: true }),
    codec: codecOf(alice.device, 'audio/opus'),
  });
  return { room, alice, bob, sending, receiving, video, audio };
}

test('stats of a sender: what belongs to it, in references that resolve and numbers that are the server’s', async (t) => {
  const { room, sending, video, audio } = await setUp(t);
  let report = asReport(await video.getStats());
  await until('a report of the server’s', async () => {
    const next = asReport(await video.getStats());
    assertForward(report, next);
    report = next;
    return typesOf(report).includes('remote-inbound-rtp');
  });
  assert.deepEqual(typesOf(report), [
    ...COMMON.slice(0, 4),
    ...['media-source', 'outbound-rtp', 'remote-candidate', 'remote-inbound-rtp', 'transport'],
  ]);
  assertResolved(report);

  const outbound = only(report, 'outbound-rtp');
  const [encoding] = video.rtpParameters.encodings ?? [];
  assert.equal(outbound['ssrc'], encoding?.ssrc);
  assert.equal(outbound['rtxSsrc'], encoding?.rtx?.ssrc);
  assert.equal(outbound['mid'], video.rtpParameters.mid);
  assert.equal(outbound['kind'], 'video');
  assert.equal(outbound['active'], true);
  assert.deepEqual([outbound['frameWidth'], outbound['frameHeight']], [320, 240]);
  assert.equal(outbound['encoderImplementation'], 'OpenH264');
  assert.equal(outbound['qualityLimitationReason'], 'none');
  assert.ok(number(outbound, 'totalEncodeTime') > 0);
  assert.ok(number(outbound, 'targetBitrate') > 50_000);
  const codec = only(report, 'codec');
  const [negotiated] = video.rtpParameters.codecs;
  assert.equal(codec['mimeType'], negotiated?.mimeType);
  assert.equal(codec['payloadType'], negotiated?.payloadType);
  assert.equal(codec['clockRate'], 90_000);
  const source = only(report, 'media-source');
  assert.equal(source['trackIdentifier'], video.track?.id);
  assert.deepEqual([source['width'], source['height']], [320, 240]);
  const transport = only(report, 'transport');
  assert.equal(transport['dtlsState'], 'connected');
  assert.equal(transport['dtlsRole'], 'client');
  assert.equal(transport['iceRole'], 'controlling');
  const remote = only(report, 'remote-inbound-rtp');
  assert.ok(number(remote, 'packetsReceived') > number(remote, 'packetsLost'));
  assert.ok(number(remote, 'jitter') < 1, 'seconds');

  // What was sent before the server had its producer, it has not counted: hence from here to there,
  // at both of which nothing is on its way.
  const tap = await room.plainTap(video);
  const { track } = video;
  assert.ok(track);
  const settle = async (): Promise<{ ours: Entry; atServer: ProducerStat }> => {
    track.enabled = false;
    await silence(tap);
    const settled = asReport(await video.getStats());
    assertForward(report, settled);
    report = settled;
    const [atServer] = await room.serverProducer(video).getStats();
    assert.ok(atServer);
    return { ours: only(settled, 'outbound-rtp'), atServer };
  };
  const from = await settle();
  const before = tap.packetCount;
  track.enabled = true;
  await until('packets', () => tap.packetCount > before + 20);
  const { ours, atServer } = await settle();
  const grown = (...names: string[]): number =>
    names.reduce((sum, name) => sum + number(ours, name) - number(from.ours, name), 0);
  assert.equal(grown('packetsSent'), atServer.packetCount - from.atServer.packetCount);
  assert.equal(grown('bytesSent', 'headerBytesSent'), atServer.byteCount - from.atServer.byteCount);
  await until('the keyframe requests of the server', async () => {
    const [{ pliCount } = atServer] = await room.serverProducer(video).getStats();
    return only(asReport(await video.getStats()), 'outbound-rtp')['pliCount'] === pliCount;
  });
  assert.ok(grown('framesSent') > 0 && grown('keyFramesEncoded') > 0);

  // The tone is at an eighth of full scale, 0.707 of it as its root mean square.
  const sound = asReport(await audio.getStats());
  assertResolved(sound);
  const level = number(only(sound, 'media-source'), 'audioLevel');
  assert.ok(level > 0.05 && level < 0.15, `audioLevel of ${level}`);
  assert.ok(number(only(sound, 'media-source'), 'totalAudioEnergy') > 0);
  assert.equal(only(sound, 'outbound-rtp')['mid'], audio.rtpParameters.mid);
  assert.equal(only(sound, 'codec')['channels'], 2);

  const all = asReport(await sending.getStats());
  assertResolved(all);
  const streams = [...all.values()].filter(({ type }) => type === 'outbound-rtp');
  assert.deepEqual(streams.map(({ kind }) => kind as string).sort(), ['audio', 'video']);
});

test('stats of a receiver, and what the server counted for it', async (t) => {
  const { room, bob, receiving, video, audio } = await setUp(t);
  const consumer = await room.consume(bob, video);
  const other = await room.consume(bob, audio);
  let report = asReport(await consumer.getStats());
  await until('a report of the server’s', async () => {
    const next = asReport(await consumer.getStats());
    assertForward(report, next);
    report = next;
    return typesOf(report).includes('remote-outbound-rtp');
  });
  assert.deepEqual(typesOf(report), [
    ...COMMON.slice(0, 3),
    ...['inbound-rtp', 'local-candidate', 'remote-candidate', 'remote-outbound-rtp', 'transport'],
  ]);
  assertResolved(report);
  const inbound = only(report, 'inbound-rtp');
  const [encoding] = consumer.rtpParameters.encodings ?? [];
  assert.equal(inbound['ssrc'], encoding?.ssrc);
  assert.equal(inbound['mid'], consumer.rtpParameters.mid);
  assert.equal(inbound['trackIdentifier'], consumer.track.id);
  assert.ok(number(inbound, 'packetsReceived') > number(inbound, 'packetsLost'));
  assert.ok(number(inbound, 'jitter') < 1, 'seconds');
  assert.ok(number(inbound, 'framesReceived') > 0);

  await room.serverConsumer(consumer).pause();
  let settled = inbound;
  await until('the last packet', async () => {
    const [{ packetCount, byteCount } = {}] = await room.serverConsumer(consumer).getStats();
    settled = only(asReport(await consumer.getStats()), 'inbound-rtp');
    const bytes = number(settled, 'bytesReceived') + number(settled, 'headerBytesReceived');
    return settled['packetsReceived'] === packetCount && bytes === byteCount;
  });
  assert.ok(number(settled, 'framesReceived') >= number(inbound, 'framesReceived'));

  assert.deepEqual([settled['frameWidth'], settled['frameHeight']], [320, 240]);
  assert.equal(settled['packetsDiscarded'], undefined, 'nobody reads it');

  let sound = only(asReport(await other.getStats()), 'inbound-rtp');
  await until('sound', async () => {
    sound = only(asReport(await other.getStats()), 'inbound-rtp');
    return number(sound, 'totalSamplesDuration') > 0.5;
  });
  assert.equal(sound['kind'], 'audio');
  // The tone is at an eighth of full scale, as the sender says in each packet.
  const level = number(sound, 'audioLevel');
  assert.ok(level > 0.05 && level < 0.15, `audioLevel of ${level}`);
  const energy = number(sound, 'totalAudioEnergy') / number(sound, 'totalSamplesDuration');
  assert.ok(Math.abs(Math.sqrt(energy) - level) < 0.05, `mean energy of ${energy}`);
  const all = asReport(await receiving.getStats());
  assertResolved(all);
  assert.ok(all.has(inbound.id) && all.has(sound.id));
});

test('stats of a transport: certificates, the pair in use, the connection and its data channels', async (t) => {
  const { room, sending } = await setUp(t);
  const producer = await sending.produceData({ label: 'chat', protocol: 'text' });
  const closing = await sending.produceData();
  await until('both to open', () =>
    [producer, closing].every(({ readyState }) => readyState === 'open'),
  );
  producer.send('hello');
  producer.send('again');
  closing.close();
  const atServer = room.serverDataProducer(producer);
  await until('both messages', async () => (await atServer.getStats())[0]?.messagesReceived === 2);
  let report = asReport(await sending.getStats());
  await until('the other channel to close', async () => {
    const next = asReport(await sending.getStats());
    assertForward(report, next);
    report = next;
    return only(report, 'peer-connection')['dataChannelsClosed'] === 1;
  });
  assertResolved(report);
  assert.equal(only(report, 'peer-connection')['dataChannelsOpened'], 2);
  const channel = only(report, 'data-channel');
  assert.deepEqual(
    ['label', 'protocol', 'state', 'messagesSent', 'bytesSent'].map((name) => channel[name]),
    ['chat', 'text', 'open', 2, 10],
  );
  assert.equal(channel['dataChannelIdentifier'], producer.sctpStreamParameters.streamId);

  const transport = only(report, 'transport');
  const pair = at(report, transport, 'selectedCandidatePairId');
  assert.equal(pair['state'], 'succeeded');
  assert.ok(number(pair, 'currentRoundTripTime') < 5, 'seconds');
  const remote = at(report, pair, 'remoteCandidateId');
  const local = at(report, pair, 'localCandidateId');
  const [seen] = await room.serverTransport(sending).getStats();
  assert.equal(remote['port'], seen?.iceSelectedTuple?.localPort);
  assert.equal(local['port'], seen?.iceSelectedTuple?.remotePort);
  assert.equal(remote['address'], seen?.iceSelectedTuple?.localAddress);

  const own = at(report, transport, 'localCertificateId');
  const { dtlsRemoteCert, dtlsParameters } = room.serverTransport(sending);
  assert.ok(dtlsRemoteCert);
  const body = dtlsRemoteCert.replace(/-----[A-Z ]+-----|\s/g, '');
  const servers = at(report, transport, 'remoteCertificateId');
  assert.ok([own, servers].some((certificate) => certificate['base64Certificate'] === body));
  const known = dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === 'sha-256');
  assert.equal(servers['fingerprint'], known?.value);
});
