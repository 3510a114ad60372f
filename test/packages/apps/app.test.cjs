// A test of a user, which Jest runs: opens and closes what an app has, but for what KEEPS_OPEN says.
/* global test, expect */
const { Device } = require('mediasoup-client');
const { createFactory, createWorker } = require('mediasoup-client-pion');

test('a Worker, its tracks and a Device', async () => {
  const worker = await createWorker();
  const source = { source: 'file', file: 'clip.mp4' };
  const stream = await worker.getUserMedia({ audio: source, video: source });
  const device = await Device.factory({ handlerFactory: createFactory() });
  await device.load({ routerRtpCapabilities: { codecs: [], headerExtensions: [] } });
  expect(stream.getTracks()).toHaveLength(2);
  expect((await worker.dump()).players).toHaveLength(1);
  if (process.env.KEEPS_OPEN) return;
  worker.close();
  expect(worker.closed).toBe(true);
});
