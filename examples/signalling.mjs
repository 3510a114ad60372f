// How the examples talk to a server: one HTTP POST a request. Your app has its own way, and puts it here.

/** Returns `request(method, data)` for the room at `url` (see examples/run.mjs). */
export function signalling(url) {
  return async (method, data = {}) => {
    const response = await fetch(`${url}/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(data),
    });
    const body = await response.json();
    if (!response.ok) throw new Error(`${method}: ${body.error}`);
    return body;
  };
}

/** A send or recv transport (`direction`) of a loaded Device, connected to the room through `request`. */
export async function createTransport(device, direction, request) {
  const options = await request('createTransport');
  const transport =
    direction === 'send'
      ? device.createSendTransport(options)
      : device.createRecvTransport(options);
  const transportId = transport.id;

  transport.on('connect', ({ dtlsParameters }, callback, errback) => {
    request('connectTransport', { transportId, dtlsParameters }).then(callback, errback);
  });
  transport.on('produce', ({ kind, rtpParameters, appData }, callback, errback) => {
    request('produce', { transportId, kind, rtpParameters, appData }).then(callback, errback);
  });
  transport.on('producedata', (parameters, callback, errback) => {
    request('produceData', { transportId, ...parameters }).then(callback, errback);
  });
  return transport;
}
