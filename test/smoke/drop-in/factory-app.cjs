// An app as the README of mediasoup-client-aiortc 3.0 has it. node factory-app.cjs <room url> <path>
const mediasoupClient = require('mediasoup-client');
const { FakeMediaStreamTrack } = require('fake-mediastreamtrack');
const { createFactory, WorkerLogLevel } = require('mediasoup-client-aiortc');
const signalling = require('./signalling.cjs');

async function run(url, sourceValue) {
  const { request, connect } = signalling(url);
  const device = new mediasoupClient.Device({ handlerFactory: createFactory('warn') });
  await device.load({ routerRtpCapabilities: await request('getRouterRtpCapabilities') });
  const transport = connect(device.createSendTransport(await request('createTransport')));
  const producers = [];
  for (const kind of ['audio', 'video']) {
    const track = new FakeMediaStreamTrack({ kind, data: { sourceType: 'file', sourceValue } });
    producers.push(await transport.produce({ track }));
  }
  await new Promise((resolve) => {
    process.stdin.once('data', resolve);
    console.log('sending');
  });
  process.stdin.destroy();
  await producers[0].close();
  transport.close();
  console.log(
    JSON.stringify({ producers: producers.map(({ kind }) => kind), level: typeof WorkerLogLevel }),
  );
}

run(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
