import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import type {
  HandlerFactory,
  HandlerInterface,
  IceParameters,
  RtpCapabilities,
} from 'mediasoup-client/types';
import { getExtendedRtpCapabilities } from 'mediasoup-client/ortc';
import { createWorker } from '../../lib/index.js';
import type { Worker } from '../../lib/index.js';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';

// Handlers without a server: what needs one is in test/e2e.
describe('Handler', { timeout: 20_000 }, () => {
  let worker: Worker;
  let factory: HandlerFactory;
  let capabilities: RtpCapabilities;

  beforeEach(async () => {
    worker = await createWorker({ logLevel: 'none' });
    factory = worker.createHandlerFactory();
    capabilities = await factory.getNativeRtpCapabilities({ direction: 'recvonly' });
  });
  afterEach(() => {
    worker.close();
  });

  function open(direction: 'send' | 'recv', options: object = {}): HandlerInterface {
    return factory.factory({
      direction,
      iceParameters: {
        usernameFragment: 'user',
        password: 'password-of-some-length',
        iceLite: true,
      },
      iceCandidates: [],
      dtlsParameters: {
        role: 'auto',
        fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('AB').join(':') }],
      },
      sctpParameters: { port: 5000, maxSendMessageSize: 1000, maxReceiveMessageSize: 2000 },
      getSendExtendedRtpCapabilities: (native) =>
        getExtendedRtpCapabilities(native, structuredClone(capabilities), false),
      ...options,
    });
  }

  const fileTrack = (kind: 'audio' | 'video'): FakeMediaStreamTrack =>
    new FakeMediaStreamTrack({
      kind,
      data: { sourceType: 'file', sourceValue: fixturePath('red-440hz.mp4'), loop: true },
    });

  it('has the name that apps know, and all members of the interface', () => {
    const handler = open('send');
    assert.equal(factory.name, 'Aiortc');
    assert.equal(handler.name, 'Aiortc');
    for (const member of [
      'close updateIceServers restartIce getTransportStats send stopSending pauseSending',
      'resumeSending replaceTrack setMaxSpatialLayer setRtpEncodingParameters getSenderStats',
      'sendDataChannel receive stopReceiving pauseReceiving resumeReceiving getReceiverStats',
      'receiveDataChannel getDataChannelMaxMessageSize',
    ].flatMap((line) => line.split(' '))) {
      assert.equal(typeof handler[member as keyof HandlerInterface], 'function', member);
    }
  });

  it('has a connection of its own, which closes with it', async () => {
    const [one, two] = [open('send'), open('recv')];
    await Promise.all([one.getTransportStats(), two.getTransportStats()]);
    const ids = async (): Promise<string[]> => (await worker.dump()).handlers.map(({ id }) => id);
    assert.equal(new Set(await ids()).size, 2);
    one.close();
    one.close();
    while ((await ids()).length !== 1);
    assert.ok((await two.getTransportStats()) instanceof Map);
  });

  it('tells what size a message may have in its direction', () => {
    assert.equal(open('send').getDataChannelMaxMessageSize(), 2000);
    assert.equal(open('recv').getDataChannelMaxMessageSize(), 1000);
  });

  it('sends a track: one codec, its SSRCs, a cname, an msid and a mid', async () => {
    const handler = open('send');
    handler.on('@connect', ({ dtlsParameters }, accept) => {
      assert.equal(dtlsParameters.role, 'client');
      assert.equal(dtlsParameters.fingerprints[0]?.algorithm, 'sha-256');
      accept();
    });
    const track = fileTrack('video');
    const { localId, rtpParameters } = await handler.send({
      track,
      streamId: 'stream',
      encodings: [{ maxBitrate: 300_000 }],
    });
    assert.equal(rtpParameters.mid, localId);
    assert.equal(rtpParameters.msid, `stream ${track.id}`);
    assert.deepEqual(
      rtpParameters.codecs.map(({ mimeType }) => mimeType),
      ['video/VP8', 'video/rtx'],
    );
    const [encoding] = rtpParameters.encodings ?? [];
    assert.equal(encoding?.maxBitrate, 300_000);
    assert.ok(encoding.ssrc && encoding.rtx?.ssrc && encoding.ssrc !== encoding.rtx.ssrc);
    assert.ok(rtpParameters.rtcp?.cname);
    const other = await handler.send({ track: fileTrack('audio') });
    assert.notEqual(other.localId, localId);
    await assert.rejects(handler.replaceTrack(localId, fileTrack('audio')), {
      name: 'TypeError',
      message: 'track.kind: expected "video", got "audio"',
    });
    await handler.stopSending(localId);
    await assert.rejects(handler.stopSending(localId), { name: 'InvalidStateError' });
  });

  it('gives W3C senders, and takes changes of their encoding', async () => {
    const handler = open('send');
    handler.on('@connect', (_, accept) => {
      accept();
    });
    const track = fileTrack('video');
    const given: unknown[] = [];
    const { localId, rtpParameters, rtpSender } = await handler.send({
      track,
      encodings: [{ maxBitrate: 300_000 }],
      onRtpSender: (sender) => given.push(sender),
    });
    assert.ok(rtpSender);
    assert.deepEqual(given, [rtpSender]);
    assert.equal(rtpSender.track, track);
    assert.equal(rtpSender.transport, null);
    const encoding = (): RTCRtpEncodingParameters | undefined =>
      rtpSender.getParameters().encodings[0];
    assert.deepEqual(encoding(), { active: true, maxBitrate: 300_000 });
    assert.equal(rtpSender.getParameters().rtcp.cname, rtpParameters.rtcp?.cname);
    assert.equal(rtpSender.getParameters().codecs[0]?.mimeType, 'video/VP8');

    await handler.setRtpEncodingParameters(localId, { active: false, maxFramerate: 5 });
    assert.deepEqual(encoding(), { active: false, maxBitrate: 300_000, maxFramerate: 5 });
    await handler.setMaxSpatialLayer(localId, 0);
    assert.equal(encoding()?.active, true);
    for (const [changes, name, message] of [
      [{ maxBitrate: -1 }, 'TypeError', /maxBitrate: expected a number above 0, got -1/],
      [{ active: 'yes' }, 'TypeError', /active: expected true or false/],
      [
        { scaleResolutionDownBy: 0.5 },
        'TypeError',
        /scaleResolutionDownBy: expected a number from 1/,
      ],
      [
        { scalabilityMode: 'L3T3' },
        'UnsupportedError',
        /L3T3 of video\/VP8 is not supported \(L1T1,/,
      ],
      [{ priority: 'high' }, 'UnsupportedError', /priority is not supported/],
    ] as const) {
      const change = handler.setRtpEncodingParameters(localId, changes as object);
      await assert.rejects(change, { name, message });
    }
    await assert.rejects(handler.setMaxSpatialLayer(localId, -1), {
      name: 'TypeError',
      message: 'spatialLayer: expected an integer from 0 on, got -1',
    });
    await assert.rejects(handler.setRtpEncodingParameters('none', {}), {
      name: 'InvalidStateError',
    });
    const old = rtpSender.getParameters();
    await rtpSender.setParameters(rtpSender.getParameters());
    await assert.rejects(rtpSender.setParameters(old), { name: 'InvalidStateError' });
    await assert.rejects(rtpSender.setParameters({ ...rtpSender.getParameters(), encodings: [] }), {
      name: 'InvalidModificationError',
      message: 'parameters.encodings: expected 1, got 0',
    });
    assert.throws(() => {
      rtpSender.setStreams();
    }, /setStreams\(\) is not supported/);
    assert.deepEqual(encoding(), { active: true, maxBitrate: 300_000, maxFramerate: 5 });

    await rtpSender.replaceTrack(null);
    assert.equal(rtpSender.track, null);
    const other = fileTrack('video');
    await handler.replaceTrack(localId, other);
    assert.equal(rtpSender.track, other);
  });

  it('gives senders of several encodings, which keep their number and their rids', async () => {
    const handler = open('send');
    handler.on('@connect', (_, accept) => {
      accept();
    });
    const { localId, rtpParameters, rtpSender } = await handler.send({
      track: fileTrack('video'),
      encodings: [{ maxBitrate: 100_000 }, {}],
    });
    assert.ok(rtpSender);
    const { encodings = [] } = rtpParameters;
    const ssrcs = encodings.flatMap(({ ssrc, rtx }) => [ssrc, rtx?.ssrc]);
    assert.equal(new Set(ssrcs).size, 4);
    assert.ok(ssrcs.every(Boolean));
    assert.deepEqual(
      encodings.map(({ rid, scalabilityMode }) => [rid, scalabilityMode]),
      [
        ['r0', 'L1T3'],
        ['r1', 'L1T3'],
      ],
    );
    const parameters = (): RTCRtpSendParameters => rtpSender.getParameters();
    assert.deepEqual(parameters().encodings, [
      {
        rid: 'r0',
        active: true,
        maxBitrate: 100_000,
        scaleResolutionDownBy: 2,
        scalabilityMode: 'L1T3',
      },
      { rid: 'r1', active: true, scaleResolutionDownBy: 1, scalabilityMode: 'L1T3' },
    ]);
    await handler.setMaxSpatialLayer(localId, 0);
    assert.deepEqual(
      parameters().encodings.map(({ active }) => active),
      [true, false],
    );
    await handler.setRtpEncodingParameters(localId, { active: true, maxFramerate: 15 });
    assert.ok(parameters().encodings.every((one) => one.active && one.maxFramerate === 15));
    const changes: [(encodings: RTCRtpEncodingParameters[]) => object[], string, RegExp][] = [
      [(all) => all.slice(1), 'InvalidModificationError', /encodings: expected 2, got 1/],
      [
        (all) => [...all].reverse(),
        'InvalidModificationError',
        /\[0\].rid: expected "r0", got "r1"/,
      ],
      [([low = {}]) => [low, {}], 'InvalidModificationError', /\[1\].rid: expected "r1"/],
      [
        (all) => all.map((one) => ({ ...one, maxFramerate: 0 })),
        'TypeError',
        /encodings\[0\].maxFramerate: expected a number above 0/,
      ],
      [
        (all) => all.map((one) => ({ ...one, scalabilityMode: 'L3T3' })),
        'UnsupportedError',
        /expected L1T1, L1T2 or L1T3/,
      ],
    ];
    for (const [change, name, message] of changes) {
      const given = parameters();
      const changed = { ...given, encodings: change(given.encodings) };
      await assert.rejects(rtpSender.setParameters(changed), { name, message });
    }
    const old = parameters();
    await assert.rejects(rtpSender.setParameters({ ...old, transactionId: 'other' }), {
      name: 'InvalidModificationError',
    });
    await rtpSender.setParameters(old);
    await assert.rejects(rtpSender.setParameters(old), { name: 'InvalidStateError' });
    await assert.rejects(handler.setRtpEncodingParameters(localId, { rid: 'x' }), {
      name: 'InvalidModificationError',
    });
  });

  it('takes a sender back whose callback throws', async () => {
    const handler = open('send');
    handler.on('@connect', (_, accept) => {
      accept();
    });
    const refused = handler.send({
      track: fileTrack('audio'),
      onRtpSender: () => {
        throw new Error('of the app');
      },
    });
    await assert.rejects(refused, /of the app/);
    const { rtpParameters } = await handler.send({ track: fileTrack('audio') });
    assert.equal(rtpParameters.codecs[0]?.mimeType, 'audio/opus');
  });

  it('takes new ICE credentials and servers before anything is negotiated', async () => {
    const handler = open('send');
    await handler.restartIce({ usernameFragment: 'abcd', password: 'p'.repeat(22) });
    await handler.updateIceServers([{ urls: 'stun:127.0.0.1:9' }]);
    await handler.updateIceServers([]);
    assert.equal((await worker.dump()).handlers[0]?.iceGatheringState, 'new');
  });

  it('refuses wrong ICE credentials and servers, and goes on', async () => {
    const handler = open('send');
    const restart = (given: unknown) => handler.restartIce(given as IceParameters);
    const update = (given: unknown) => handler.updateIceServers(given as RTCIceServer[]);
    const cases: [Promise<void>, RegExp][] = [
      [restart(undefined), /^iceParameters: expected an object/],
      [
        restart({ usernameFragment: 'abc', password: 'p'.repeat(22) }),
        /usernameFragment: .*type string$/,
      ],
      [restart({ usernameFragment: 'ab\r\nc', password: 'p'.repeat(22) }), /usernameFragment/],
      [restart({ usernameFragment: 'abcd', password: 'p' }), /password: expected 22 to 256/],
      [update({ urls: 'stun:127.0.0.1' }), /^iceServers: expected an array/],
      [update([{ urls: 'http://127.0.0.1' }]), /^iceServers\[0\].urls/],
      [update([{ urls: 'turn:127.0.0.1' }]), /^iceServers\[0\]: expected a username/],
      [update([{ urls: 'stun:127.0.0.1:99999' }]), /iceServers/],
    ];
    for (const [call, message] of cases) {
      await assert.rejects(call, { name: 'TypeError', message });
    }
    const credentialed = {
      urls: 'turn:a',
      username: 'u',
      credential: 'c',
      credentialType: 'oauth',
    };
    await assert.rejects(update([credentialed]), { name: 'UnsupportedError' });
    handler.on('@connect', (_, accept) => accept());
    await handler.send({ track: fileTrack('audio') });
    handler.close();
    const closed = { name: 'InvalidStateError', code: 'ERR_CLOSED' };
    await assert.rejects(restart({}), closed);
    await assert.rejects(update([]), closed);
  });

  it('refuses what is of the other direction', async () => {
    const refusal = { name: 'InvalidStateError', message: /whose direction is "recv", got "send"/ };
    await assert.rejects(open('send').receive([]), refusal);
    await assert.rejects(open('send').stopReceiving([]), refusal);
    await assert.rejects(open('recv').send({ track: fileTrack('audio') }), {
      message: /whose direction is "send", got "recv"/,
    });
  });

  it('opens nothing when an option is refused', async () => {
    assert.throws(
      () => open('send', { additionalSettings: { certificates: [{} as RTCCertificate] } }),
      {
        name: 'UnsupportedError',
        message: /certificates/,
      },
    );
    assert.deepEqual((await worker.dump()).handlers, []);
  });

  it('rejects what is under way when it is closed, and what comes later', async () => {
    const handler = open('send');
    const connecting = new Promise((resolve) => handler.on('@connect', resolve));
    const sending = handler.send({ track: fileTrack('audio') });
    const waiting = handler.sendDataChannel({ sctpStreamParameters: {} });
    await connecting;
    handler.close();
    const refusal = {
      name: 'InvalidStateError',
      code: 'ERR_CLOSED',
      message: /transport .*closed/,
    };
    for (const call of [sending, waiting, handler.getTransportStats()]) {
      await assert.rejects(call, refusal);
    }
    await assert.rejects(handler.send({ track: fileTrack('audio') }), refusal);
    await handler.stopSending('0');
  });

  it('tells its transport when the Worker is closed, and closes', async () => {
    const handler = open('send');
    await handler.getTransportStats();
    const states: string[] = [];
    let closed = 0;
    handler.on('@connectionstatechange', (state) => states.push(state));
    handler.on('@close', () => (closed += 1));
    worker.close();
    assert.deepEqual([states, closed], [['closed'], 1]);
    await assert.rejects(handler.getTransportStats(), { name: 'InvalidStateError' });
  });
});
