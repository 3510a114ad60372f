// One room, and the clients of this package in it, closed when the test ends.
import type { TestContext } from 'node:test';
import { Device } from 'mediasoup-client';
import type { types } from 'mediasoup-client';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { createFactory } from 'mediasoup-client-pion';
import { createRoom } from './support/room.mjs';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';

export const fixture: (name: string) => string = fixturePath;

export async function openRoom(t: TestContext, options: object = {}) {
  const room = await createRoom(options);
  t.after(() => room.close());
  return room;
}

export type Room = Awaited<ReturnType<typeof openRoom>>;

/** A new client of the room: a Device on its own factory unless one is given. */
export async function join(room: Room, handlerFactory: types.HandlerFactory = createFactory()) {
  const device = await Device.factory({ handlerFactory });
  return await room.join({ device });
}

/** What a server can that tells less of what arrives: without `transport-cc` and `goog-remb` a sender knows nothing of the network. */
export function withoutFeedback(
  { codecs = [], headerExtensions = [] }: types.RtpCapabilities,
  ...left: ('transport-cc' | 'goog-remb')[]
): types.RtpCapabilities {
  const isLeft = (type: string) => left.some((one) => one === type);
  return {
    codecs: codecs.map((codec) => ({
      ...codec,
      rtcpFeedback: (codec.rtcpFeedback ?? []).filter(({ type }) => !isLeft(type)),
    })),
    headerExtensions: headerExtensions.filter(
      ({ uri }) => !(isLeft('transport-cc') && uri.includes('transport-wide-cc')),
    ),
  };
}

/** The seed's way to name a source: a FakeMediaStreamTrack with data. */
export function fileTrack(kind: 'audio' | 'video', file: string, data: object = {}) {
  return new FakeMediaStreamTrack({
    kind,
    data: { sourceType: 'file', sourceValue: fixturePath(file), ...data },
  });
}

/** The codec of the router by its name, as produce({ codec }) wants it. */
export function codecOf(device: types.Device, mimeType: string) {
  const codec = device.sendRtpCapabilities.codecs?.find(
    (candidate) => candidate.mimeType.toLowerCase() === mimeType.toLowerCase(),
  );
  if (!codec) throw new Error(`${mimeType} is not among what can be sent`);
  return codec;
}

/** How long a busy machine may take for what a quiet one does at once. What has to be quick says so itself. */
const LIMIT_MS = 30_000;

/** Resolves when the condition holds; rejects with what was waited for after the limit. */
export async function until(
  what: string,
  condition: () => unknown,
  { timeoutMs = LIMIT_MS, everyMs = 20 } = {},
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Resolves with the event's first argument. */
export function event<T = unknown>(
  emitter: { once(name: never, listener: never): unknown },
  name: string,
  timeoutMs = LIMIT_MS,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`event ${name}: not within ${timeoutMs} ms`)),
      timeoutMs,
    );
    const listener = (value: T) => {
      clearTimeout(timer);
      resolve(value);
    };
    emitter.once(name as never, listener as never);
  });
}

/** Resolves with the next DOM event. */
export function domEvent<T extends Event>(
  target: EventTarget,
  name: string,
  timeoutMs = LIMIT_MS,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`event ${name}: not within ${timeoutMs} ms`)),
      timeoutMs,
    );
    target.addEventListener(
      name,
      (value) => {
        clearTimeout(timer);
        resolve(value as T);
      },
      { once: true },
    );
  });
}

/** Resolves when a tap has got nothing for a while; what is on its way may still arrive before. */
export async function silence(
  tap: { readonly packetCount: number },
  { forMs = 500, timeoutMs = LIMIT_MS } = {},
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let count = tap.packetCount;
  let since = performance.now();
  while (performance.now() - since < forMs) {
    if (performance.now() > deadline) {
      throw new Error(`packets go on: no ${forMs} ms without one in ${timeoutMs} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (tap.packetCount !== count) {
      count = tap.packetCount;
      since = performance.now();
    }
  }
}

/** What a consumer has received, by its stats. */
export async function inbound(consumer: types.Consumer) {
  const report = (await consumer.getStats()) as unknown as Map<string, Record<string, unknown>>;
  const entry = [...report.values()].find(({ type }) => type === 'inbound-rtp');
  return {
    received: Number(entry?.['packetsReceived'] ?? 0),
    lost: Number(entry?.['packetsLost'] ?? 0),
  };
}

/** Waits until a consumer has received more. */
export async function flows(consumer: types.Consumer, packets = 20): Promise<void> {
  const { received } = await inbound(consumer);
  await until('packets', async () => (await inbound(consumer)).received > received + packets);
}
