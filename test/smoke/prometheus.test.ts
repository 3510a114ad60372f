// What the example for Prometheus serves is what the server sees.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fixturePath } from '../../scripts/lib/fixtures.mjs';
import { openRoom, until } from '../e2e/session.js';
import { serveRoom } from '../e2e/support/signalling.mjs';

const root = path.resolve(import.meta.dirname, '../..');

/** The samples of Prometheus's text format, by name and labels. */
function samplesOf(text: string): Map<string, number> {
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line): [string, number] => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at))];
      }),
  );
}

test('a scrape has the numbers that the server sees', async (t) => {
  const room = await openRoom(t);
  const served = await serveRoom(room);
  t.after(() => served.close());
  const file: string = fixturePath('bars-440hz.mp4');
  const args = [path.join(root, 'examples', 'prometheus.mjs'), served.url, file, '600'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(async () => {
    child.kill();
    await once(child, 'exit');
  });
  let url: string | undefined;
  let sending = false;
  createInterface(child.stdout).on('line', (line) => {
    url ??= /metrics at (\S+)/.exec(line)?.[1];
    sending ||= line === 'sending';
  });
  await until('the example sends', () => sending);

  const transport = [...room.server.transports.values()][0];
  assert.ok(transport);
  const received = async (): Promise<number> => {
    const [stats] = (await transport.getStats()) as { bytesReceived: number }[];
    return stats?.bytesReceived ?? 0;
  };
  await until('a second of media', async () => (await received()) > 50_000);
  const scrape = async () => {
    const response = await fetch(url ?? '');
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
    return samplesOf(await response.text());
  };
  const least = await received();
  const samples = await scrape();
  const sample = (name: string): number => {
    const value = samples.get(`mediasoup_client_${name}`);
    assert.ok(value !== undefined, `${name} is not in ${[...samples.keys()].join(' ')}`);
    return value;
  };
  const sent = sample('bytes_sent_total');
  assert.ok(sent >= least, `${sent} of ${least} bytes sent`);
  await until('the server has what was sent', async () => (await received()) >= sent * 0.98);
  assert.deepEqual(
    ['transports', 'senders', 'receivers', 'tracks'].map((kind) =>
      sample(`handles{kind="${kind}"}`),
    ),
    [1, 2, 0, 2],
  );
  assert.equal(sample('sources'), 1);
  assert.ok(sample('sockets') >= 1);
  assert.ok(sample('go_heap_bytes') > 100_000 && sample('goroutines') > 5);
  const packets = sample('packets_sent_total');
  assert.ok(sent / packets > 50 && sent / packets < 1500, `${sent} bytes in ${packets} packets`);
  await until(
    'counters go on',
    async () => ((await scrape()).get('mediasoup_client_packets_sent_total') ?? 0) > packets,
  );
});

test('who asks while the Worker is closed is told so, and the example ends as it should', async (t) => {
  const room = await openRoom(t);
  const served = await serveRoom(room);
  t.after(() => served.close());
  const file: string = fixturePath('bars-440hz.mp4');
  const args = [path.join(root, 'examples', 'prometheus.mjs'), served.url, file, '2'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  const ended = once(child, 'exit');
  let asking: net.Socket | undefined;
  let answer = '';
  createInterface(child.stdout).on('line', (line) => {
    const port = /metrics at \S+:(\d+)/.exec(line)?.[1];
    if (port) {
      // It begins to ask while the Worker is open.
      asking = net.connect(Number(port), '127.0.0.1').setEncoding('utf8');
      asking.on('data', (text) => (answer += String(text)));
      asking.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n');
    }
    if (/^\d+ packets/.test(line)) asking?.write('\r\n');
  });
  assert.deepEqual(await ended, [0, null]);
  await until('an answer', () => answer.startsWith('HTTP/1.1 503 '));
});
