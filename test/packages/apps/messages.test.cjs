// A test of a user, which Jest runs with globals, and modules, of its own: messages go to a real server and come back, and the
// package is loaded anew for each.
/* global test, expect, jest */
const vm = require('node:vm');

async function request(method, data = {}) {
  const response = await fetch(`${process.env.ROOM}/${method}`, {
    method: 'POST',
    body: JSON.stringify(data),
  });
  const body = await response.json();
  if (!response.ok) throw new Error(`${method}: ${body.error}`);
  return body;
}

async function transportOf(device, direction) {
  const parameters = await request('createTransport');
  const transport =
    direction === 'send'
      ? device.createSendTransport(parameters)
      : device.createRecvTransport(parameters);
  const transportId = transport.id;
  transport.on('connect', ({ dtlsParameters }, accept, refuse) => {
    request('connectTransport', { transportId, dtlsParameters }).then(accept, refuse);
  });
  transport.on('producedata', (data, accept, refuse) => {
    request('produceData', { transportId, ...data }).then(accept, refuse);
  });
  return transport;
}

const MESSAGES = {
  'a text': 'hello',
  'a Buffer': Buffer.from([1, 2]),
  'a view': new Uint8Array([0, 3, 4]).subarray(1),
  'an ArrayBuffer': new Uint8Array([5]).buffer,
  'a Blob': new Blob(['6']),
  'an ArrayBuffer of another realm': vm.runInNewContext('new Uint8Array([7]).buffer'),
  'a view of another realm': vm.runInNewContext('new DataView(new Uint8Array([8]).buffer)'),
};
const BYTES = [undefined, [1, 2], [3, 4], [5], [54], [7], [8]];

test.each(['first', 'second'])('messages there and back, loaded the %s time', async () => {
  jest.resetModules();
  const { Device } = require('mediasoup-client');
  const { createWorker } = require('mediasoup-client-pion');
  const worker = await createWorker();
  const device = await Device.factory({ handlerFactory: worker.createHandlerFactory() });
  await device.load({ routerRtpCapabilities: await request('getRouterRtpCapabilities') });
  const [sending, receiving] = [
    await transportOf(device, 'send'),
    await transportOf(device, 'recv'),
  ];
  const producer = await sending.produceData();
  const consumer = await receiving.consumeData(
    await request('consumeData', { transportId: receiving.id, dataProducerId: producer.id }),
  );
  const opened = ({ readyState }) => readyState === 'open';
  for (const channel of [producer, consumer]) {
    if (!opened(channel)) await new Promise((resolve) => channel.once('open', resolve));
  }
  const came = [];
  const all = new Promise((resolve) => {
    consumer.on('message', (data) => {
      if (came.push(data) === BYTES.length) resolve();
    });
  });
  for (const message of Object.values(MESSAGES)) producer.send(message);
  await all;
  expect(came[0]).toBe('hello');
  for (const [at, bytes] of BYTES.entries()) {
    if (bytes === undefined) continue;
    expect(came[at]).toBeInstanceOf(ArrayBuffer);
    expect([...new Uint8Array(came[at])]).toEqual(bytes);
  }
  expect(() => producer.send(5)).toThrow(TypeError);
  const missing = { source: 'file', file: '/nowhere' };
  await expect(worker.getUserMedia({ audio: missing })).rejects.toBeInstanceOf(Error);
  const closed = new Promise((resolve) => worker.once('subprocessclose', resolve));
  sending.close();
  receiving.close();
  worker.close();
  await closed;
});
