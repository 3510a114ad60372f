// How the apps talk to their server: one HTTP POST a request. No part of what is shown.
module.exports = function signalling(url) {
  async function request(method, data = {}) {
    const response = await fetch(`${url}/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(data),
    });
    const body = await response.json();
    if (!response.ok) throw new Error(`${method}: ${body.error}`);
    return body;
  }

  function connect(transport) {
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

  return { request, connect };
};
