// What a page may ask for, and of what shape it has to be. Whatever else is in a request goes no further.
import { Refusal } from './refusal.mjs';

const id = {
  expected: 'an id',
  test: (value) => typeof value === 'string' && /^[\w-]{1,64}$/.test(value),
};

const object = {
  expected: 'an object',
  test: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

const oneOf = (...values) => ({
  expected: values.map((value) => JSON.stringify(value)).join(' or '),
  test: (value) => values.includes(value),
});

/** mediasoup itself checks what is in RTP, DTLS and SCTP parameters. */
const REQUESTS = new Map(
  Object.entries({
    getRouterRtpCapabilities: {},
    createTransport: {},
    connectTransport: { transportId: id, dtlsParameters: object },
    produce: { transportId: id, kind: oneOf('video'), rtpParameters: object },
    closeProducer: { producerId: id },
    produceData: {
      transportId: id,
      sctpStreamParameters: object,
      label: oneOf('chat'),
      protocol: oneOf(''),
    },
    consume: { transportId: id, producerId: id, rtpCapabilities: object },
    resumeConsumer: { consumerId: id },
    consumeData: { transportId: id, dataProducerId: id },
  }),
);

/** The fields that `method` has, checked. Throws a Refusal for a wrong one or an unknown method. */
export function checkRequest(method, data) {
  const fields = REQUESTS.get(method);
  if (!fields) throw new Refusal(404, 'there is no such request');
  if (!object.test(data)) throw new Refusal(400, `${method}: expected an object`);
  const checked = {};
  for (const [name, { expected, test }] of Object.entries(fields)) {
    if (!test(data[name])) throw new Refusal(400, `${method}: ${name}: expected ${expected}`);
    checked[name] = data[name];
  }
  return checked;
}
