import assert from 'node:assert/strict';
import { it } from 'node:test';
import { LocalSdp, RemoteSdp, remoteOffer, sends } from '../../handler/sdp.js';

const fingerprint = `sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`;
const session = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0'];
const sdp = (...lines: string[]): string => [...session, ...lines, ''].join('\r\n');
const video = (...lines: string[]): string[] => [
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
  'c=IN IP4 0.0.0.0',
  'a=mid:0',
  'a=rtpmap:96 VP8/90000',
  'a=rtcp-fb:96 nack',
  'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96',
  'a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid',
  ...lines,
];

it('capabilities are read from a description, NACK of Opus only where it is announced', () => {
  const audio = ['m=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:1', 'a=rtpmap:111 opus/48000/2'];
  const { codecs, headerExtensions } = new LocalSdp(sdp(...video(), ...audio)).rtpCapabilities();
  assert.deepEqual(
    codecs?.map(({ mimeType, rtcpFeedback }) => [mimeType, rtcpFeedback?.length]),
    [
      ['video/VP8', 1],
      ['video/rtx', 0],
      ['audio/opus', 0],
    ],
  );
  assert.equal(headerExtensions?.[0]?.uri, 'urn:ietf:params:rtp-hdrext:sdes:mid');
});

it('DTLS parameters come from a media section, or early from the session', () => {
  const inMedia = new LocalSdp(sdp(...video(`a=fingerprint:${fingerprint}`, 'a=setup:actpass')));
  const { role, fingerprints } = inMedia.dtlsParameters('client');
  assert.equal(role, 'client');
  assert.equal(`${fingerprints[0]?.algorithm} ${fingerprints[0]?.value}`, fingerprint);
  assert.equal(inMedia.earlyDtlsParameters('client'), undefined);
  const inSession = new LocalSdp(sdp(`a=fingerprint:${fingerprint}`));
  assert.deepEqual(inSession.earlyDtlsParameters('server'), { role: 'server', fingerprints });
});

it('the section of a sender is found by its msid, while it sends', () => {
  const find = (...lines: string[]): boolean | undefined =>
    new LocalSdp(sdp(...video(...lines))).sections.map((section) => sends(section, 's t'))[0];
  assert.equal(find('a=msid:s t', 'a=sendonly'), true);
  assert.equal(find('a=msid:- x', 'a=msid:s t', 'a=sendrecv'), true);
  assert.equal(find('a=msid:s t', 'a=inactive'), false);
  assert.equal(find('a=msid:s other', 'a=sendonly'), false);
  assert.equal(find('a=sendonly'), false);
});

it("a remote offer says the server's DTLS role outright", () => {
  const remote = new RemoteSdp({
    iceParameters: { usernameFragment: 'u', password: 'p', iceLite: true },
    iceCandidates: [],
    dtlsParameters: { role: 'auto', fingerprints: [{ algorithm: 'sha-256', value: 'AB' }] },
    sctpParameters: { port: 5000, maxSendMessageSize: 1, maxReceiveMessageSize: 1 },
  });
  remote.receiveSctpAssociation();
  assert.match(remoteOffer(remote, 'client'), /^a=setup:passive\r$/m);
  assert.match(remoteOffer(remote, 'server'), /^a=setup:active\r$/m);
  assert.doesNotMatch(remoteOffer(remote, 'client'), /actpass/);
});
