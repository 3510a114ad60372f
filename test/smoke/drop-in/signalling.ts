// How the apps talk to their server: one HTTP POST a request. No part of what is shown.
import type { types } from 'mediasoup-client';

export async function request<T = unknown>(
  url: string,
  method: string,
  data: object = {},
): Promise<T> {
  const response = await fetch(`${url}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(data),
  });
  const body = (await response.json()) as T & { error?: string };
  if (!response.ok) throw new Error(`${method}: ${body.error ?? ''}`);
  return body;
}

export function connect(url: string, transport: types.Transport): types.Transport {
  const transportId = transport.id;
  transport.on('connect', ({ dtlsParameters }, callback, errback) => {
    request(url, 'connectTransport', { transportId, dtlsParameters }).then(callback, errback);
  });
  transport.on('produce', ({ kind, rtpParameters, appData }, callback, errback) => {
    const data = { transportId, kind, rtpParameters, appData };
    request<{ id: string }>(url, 'produce', data).then(callback, errback);
  });
  transport.on('producedata', (parameters, callback, errback) => {
    const data = { transportId, ...parameters };
    request<{ id: string }>(url, 'produceData', data).then(callback, errback);
  });
  return transport;
}
