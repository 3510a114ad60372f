// How the apps take turns with what watches them, and wait. No part of what is shown.

/** Says that a step is reached, and waits until its effect has been seen. */
async function step(name) {
  await new Promise((resolve) => {
    process.stdin.once('data', resolve).resume();
    console.log(name);
  });
  // It does not keep the app alive.
  process.stdin.pause();
}

function event(emitter, name) {
  return new Promise((resolve) => emitter.once(name, resolve));
}

async function until(condition) {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Consumes a producer, as the server lets it. */
async function consume({ request }, device, transport, producerId) {
  const { rtpCapabilities } = device;
  const transportId = transport.id;
  const consumer = await transport.consume(
    await request('consume', { transportId, producerId, rtpCapabilities }),
  );
  await request('resumeConsumer', { consumerId: consumer.id });
  return consumer;
}

async function bytesOf(consumer) {
  for (const entry of (await consumer.getStats()).values()) {
    if (entry.type === 'inbound-rtp') return entry.bytesReceived;
  }
  return 0;
}

/** Waits until more arrives than has. */
async function arrives(consumer) {
  const before = await bytesOf(consumer);
  await until(async () => (await bytesOf(consumer)) > before);
}

module.exports = { step, event, until, consume, arrives };
