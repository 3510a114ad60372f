// Wine 8 knows no TCP_KEEPIDLE, which fetch sets.
import http from 'node:http';

globalThis.fetch = (url, { method, body }) =>
  new Promise((resolve, reject) => {
    const request = http.request(url, { method, agent: false }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () =>
        resolve(new globalThis.Response(Buffer.concat(chunks), { status: response.statusCode })),
      );
    });
    request.on('error', reject).end(body);
  });
