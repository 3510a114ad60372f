// Many pods: as many processes, each with the index that an Indexed Job gives it, and one summary of all.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { until } from '../e2e/session.js';
import { TWO_THAT_STAY, folderOf, load, openServer, start } from './support.js';

it('pods share the bots by their index, and their logs make one report', async (t) => {
  const { room, bots, url } = await openServer(t);
  const folder = folderOf(t);
  const pods = 3;
  const running = Array.from({ length: pods }, (_, index) =>
    start(
      [
        url,
        '--pods',
        String(pods),
        '--bots',
        '7',
        '--ramp',
        '1',
        '--duration',
        '600',
        '--no-video',
        '--name',
        'load',
      ],
      { JOB_COMPLETION_INDEX: String(index) },
    ),
  );
  await until('all of all pods', () => bots.guests === 7 && room.server.consumers.size === 42);
  assert.deepEqual(
    bots.names.toSorted(),
    Array.from({ length: 7 }, (_, index) => `load-${index}`),
  );
  for (const pod of running) pod.kill('SIGTERM');
  const logs = await Promise.all(
    running.map(async ({ ended }, index) => {
      const { stdout, summary } = await ended;
      assert.deepEqual(summary.pods, { of: pods, seen: [index] });
      const file = path.join(folder, `pod-${index}.log`);
      fs.writeFileSync(file, stdout);
      return file;
    }),
  );
  const report = path.join(folder, 'report.html');
  const { status, summary } = await load([
    'collect',
    ...logs,
    '--report',
    report,
    '--threshold',
    'joined>=7',
  ]);
  assert.equal(status, 0, JSON.stringify(summary));
  assert.deepEqual(summary.pods, { of: pods, seen: [0, 1, 2] });
  assert.equal(summary.counts.joined, 7);
  assert.equal(summary.spreads.join?.count, 7);
  assert.match(fs.readFileSync(report, 'utf8'), /7 of 7 bots joined[^]*3 of 3 pods/);
});

it('Prometheus scrapes what a pod has, and its summary before it ends', async (t) => {
  const { url, bots } = await openServer(t);
  const running = start([
    url,
    ...TWO_THAT_STAY,
    '--metrics-port',
    '0',
    '--metrics-host',
    '127.0.0.1',
    '--metrics-wait',
    '60',
  ]);
  const address = await running.metrics;
  const scrape = async () => await (await fetch(address)).text();
  await until(
    'two have joined',
    async () =>
      bots.guests === 2 &&
      /mediasoup_client_pion_load_bots{[^}]*state="joined"[^}]*} 2/.test(await scrape()),
  );
  await until('something is sent', async () =>
    /load_sent_kbits{pod_index="0"} [1-9]/.test(await scrape()),
  );
  running.kill('SIGINT');
  await until('the summary', async () =>
    /load_summary{[^}]*metric="join_ms",quantile="p95"} \d/.test(await scrape()),
  );
  assert.equal((await running.ended).status, 0);
});
