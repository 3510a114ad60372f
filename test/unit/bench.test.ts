// The benchmark's own logic: its command line, how runs are judged, and what it writes. Nothing is measured here.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { SyntaxValidator } from 'fast-xml-validator';
import { cases } from '../../bench/cases/index.mjs';
import { judge } from '../../bench/measure/judge.mjs';
import { Lateness } from '../../bench/measure/lateness.mjs';
import { memoryGrowth } from '../../bench/memory/growth.mjs';
import { Phases } from '../../bench/measure/phases.mjs';
import { helpText, OptionError, readOptions } from '../../bench/measure/options.mjs';
import { runCase } from '../../bench/measure/run-case.mjs';
import { chartOf, growthOf } from '../../bench/report/chart.mjs';
import { documentsOf, readResults } from '../../bench/report/documents.mjs';
import { tableOf } from '../../bench/report/rows.mjs';

const root = resolve(import.meta.dirname, '../..');
const known = { cases: ['startup', 'data'], peers: ['aiortc', 'pion'] };

describe('the command line of the benchmark', () => {
  it('means all cases and all peers, three times', () => {
    assert.deepEqual(readOptions([], known), {
      help: false,
      ...known,
      runs: 3,
      quick: false,
      write: false,
    });
  });

  it('takes some cases and some peers, in the order in which they run', () => {
    const args = ['--only=data,startup', '--peers=pion', '--runs=7', '--write', '--json=a.json'];
    const options = readOptions(args, known);
    assert.deepEqual(options.cases, ['startup', 'data']);
    assert.deepEqual(options.peers, ['pion']);
    assert.equal(options.runs, 7);
    assert.equal(options.write, true);
    assert.equal(options.json, 'a.json');
    assert.deepEqual(readOptions(['--peers=none', '--quick'], known).peers, []);
    assert.equal(readOptions(['--quick'], known).runs, 1);
  });

  it('names what is wrong, and what was expected', () => {
    for (const [args, message] of [
      [['--only=dance'], /--only.*startup, data.*dance/],
      [['--only='], /--only/],
      [['--peers=all'], /--peers.*aiortc, pion.*all/],
      [['--runs=0'], /--runs.*0/],
      [['--runs=1.5'], /--runs.*1\.5/],
      [['--runs='], /--runs/],
      [['--quick', '--write'], /--quick/],
      [['--fast'], /--fast/],
      [['dance'], /dance/],
    ] as const) {
      assert.throws(
        () => readOptions([...args], known),
        (error) => error instanceof OptionError && message.test(error.message),
        args.join(' '),
      );
    }
  });

  it('tells of every case', () => {
    const help = helpText(cases, known.peers);
    for (const { name, about } of cases) assert.ok(help.includes(name) && help.includes(about));
  });
});

describe('the cases of the benchmark', () => {
  it('have names and keys of their own, this package first, and a time', () => {
    assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
    for (const { name, rows, clients, seconds } of cases) {
      assert.equal(new Set(rows.map(({ key }) => key)).size, rows.length, name);
      assert.equal(clients[0], 'ours', name);
      for (const { key, reach } of rows) {
        if (reach?.of !== undefined) assert.ok(clients.includes(reach.of), `${name}, ${key}`);
      }
      for (const client of clients) assert.ok(seconds({ client, quick: true }) > 0, name);
    }
  });

  it('take about twenty-two minutes in all', () => {
    const perRun = cases.flatMap(({ clients, seconds }) =>
      clients.map((client) => seconds({ client, quick: false })),
    );
    assert.ok(3 * perRun.reduce((sum, each) => sum + each, 0) <= 22 * 60);
  });
});

describe('a row', () => {
  const runs = {
    ours: [{ rate: 10 }, { rate: 30 }, { rate: 20 }],
    pion: [{ rate: 10 }, { rate: 10 }, { rate: 10 }],
  };
  const row = { key: 'rate', what: 'messages a second' };

  it('is the median and the spread', () => {
    const { clients, ratio, met } = judge(row, runs);
    assert.deepEqual(clients['ours'], { median: 20, lowest: 10, highest: 30 });
    assert.deepEqual(clients['pion'], { median: 10, lowest: 10, highest: 10 });
    assert.equal(ratio, undefined);
    assert.equal(met, undefined);
  });

  it('reaches what it is to reach, or does not', () => {
    for (const [reach, met] of [
      [{ atMost: 20 }, true],
      [{ atMost: 19 }, false],
      [{ atLeast: 20 }, true],
      [{ atLeast: 21 }, false],
      [{ atLeast: 2, of: 'pion' }, true],
      [{ atMost: 1.9, of: 'pion' }, false],
    ] as const) {
      assert.equal(judge({ ...row, reach }, runs).met, met, JSON.stringify(reach));
    }
  });

  it('compares what was measured in the same run', () => {
    const uneven = {
      ours: [{ rate: 1 }, { rate: 100 }, { rate: 4 }],
      pion: [{ rate: 1 }, { rate: 100 }, { rate: 2 }],
    };
    const { ratio } = judge({ ...row, reach: { atLeast: 1, of: 'pion' } }, uneven);
    assert.deepEqual(ratio, { median: 1, lowest: 1, highest: 2 });
  });

  it('is not judged without a peer, or without a number of its own', () => {
    const reach = { atLeast: 1, of: 'pion' };
    assert.equal(judge({ ...row, reach }, { ours: runs.ours }).met, undefined);
    assert.equal(judge({ ...row, reach }, { ours: [{}], pion: [{ rate: 1 }] }).met, undefined);
    assert.equal(judge({ ...row, reach: { atMost: 1 } }, { ours: [{}] }).met, undefined);
    assert.equal(judge({ ...row, reach: { atMost: 0 } }, { ours: [{ rate: 0 }] }).met, true);
  });
});

describe('a case', () => {
  it('is measured by turns, and goes on after a failure', async () => {
    const order: string[] = [];
    const results = await runCase(
      {
        name: 'dance',
        about: '',
        clients: ['ours', 'pion'],
        rows: [{ key: 'rate', what: '', reach: { atLeast: 1, of: 'pion' } }],
        seconds: () => 1,
        measure({ client }) {
          order.push(client);
          if (order.length === 2) return Promise.reject(new Error('it fell'));
          return Promise.resolve({ rate: order.length });
        },
      },
      { clients: ['ours', 'pion'], runs: 2, quick: true, progress: () => undefined },
    );
    assert.deepEqual(order, ['ours', 'pion', 'ours', 'pion']);
    assert.deepEqual(results.failures, ['dance, run 1, pion: it fell']);
    assert.deepEqual(results.rows[0]?.ratio, { median: 0.75, lowest: 0.75, highest: 0.75 });
    assert.equal(results.rows[0].met, false);
  });
});

describe('the table', () => {
  it('leaves out what nobody measured and what is of the chart', () => {
    const runs = { ours: [{ a: 1, b: 1 }], limit: [{ a: 2 }] };
    const rows = [
      judge({ key: 'a', what: 'A', unit: 'ms', reach: { atMost: 2, of: 'limit' } }, runs),
      judge({ key: 'b', what: 'B', inChart: true }, runs),
      judge({ key: 'c', what: 'C' }, runs),
    ];
    assert.deepEqual(tableOf({ dance: { rows } }), [
      ['', 'this package', 'the limit', 'ratio', 'target', 'met'],
      ['A, ms', '1.0', '2.0', '0.50', '≤ 2 × limit', 'yes'],
    ]);
  });
});

describe('the chart', () => {
  const bots = cases.find(({ name }) => name === 'bots');
  const runs = (scale: number) =>
    [1, 1.1].map((noise) =>
      Object.fromEntries(
        [1, 10, 50, 100, 200, 400].flatMap((count) => [
          [`cpu${count}`, noise * scale * count],
          [`mb${count}`, 100 + count],
        ]),
      ),
    );

  it('is well-formed, with every point in it, with and without the limit', () => {
    assert.ok(bots);
    for (const clients of [{ ours: runs(0.2), limit: runs(0.1) }, { ours: runs(0.2) }]) {
      const growth = growthOf({ rows: bots.rows.map((row) => judge(row, clients)) });
      assert.deepEqual(
        growth.cpu.map(({ bots: count }: { bots: number }) => count),
        [1, 10, 50, 100, 200, 400],
      );
      const svg = chartOf(growth);
      assert.equal(SyntaxValidator.validate(svg), true);
      assert.throws(() => SyntaxValidator.validate(svg.replace('</text>', '')));
      assert.doesNotMatch(svg, /NaN|undefined/);
      assert.equal(svg.match(/<circle/g)?.length, 12);
      assert.equal(svg.includes('the limit'), 'limit' in clients);
    }
  });
});

describe('lateness', () => {
  /** A producer of the server whose packets a test makes. */
  function fakeProducer() {
    let listener: (trace: object) => void = () => undefined;
    let looked: () => void;
    const begun = new Promise<void>((resolve) => (looked = resolve));
    return {
      kind: 'video',
      begun,
      on: (_: string, listen: typeof listener) => (listener = listen),
      enableTraceEvent(types: string[]) {
        if (types.length > 0) looked();
        return Promise.resolve();
      },
      arrive: (timestamp: number, rtp: number) => {
        listener({ timestamp, info: { rtpPacket: { ssrc: 1, timestamp: rtp } } });
      },
    };
  }

  it('is what a frame came later than its stream usually does, whatever time RTP begins at', async () => {
    const producer = fakeProducer();
    const watched = new Lateness().watch([producer], 1);
    await producer.begun;
    const first = 2 ** 32 - 3000;
    producer.arrive(1000, first);
    // The rest of the frame.
    producer.arrive(1030, first);
    producer.arrive(1058, (first + 3000) >>> 0);
    producer.arrive(1063, (first + 6000) >>> 0);
    const late = (await watched).map((ms) => Math.round(ms));
    assert.deepEqual(late, [0, 25, 0]);
  });
});

describe('the documents', () => {
  it('hold what was measured last', async () => {
    const results = readResults();
    assert.ok(results);
    for (const [file, text] of Object.entries(await documentsOf(results))) {
      assert.equal(
        readFileSync(join(root, file), 'utf8'),
        text,
        `${file}: npm run bench -- --write`,
      );
    }
  });
});

describe('memory over time', () => {
  const MB = 2 ** 20;
  const samplesOf = (rss: (minute: number) => number) =>
    Array.from({ length: 61 }, (_, i) => ({
      at: 1e6 + 10_000 * i,
      rss: rss(i / 6) * MB,
      heapUsed: 10 * MB,
      external: (20 - i / 6) * MB,
    }));

  it('is a slope in ten minutes, of what was after the beginning', () => {
    const { last, growth } = memoryGrowth(
      samplesOf((minute) => 100 + Math.min(50 * minute, 100) + minute),
    );
    assert.equal(Math.round(growth['rss'] ?? NaN), 10);
    assert.equal(Math.round(growth['heapUsed'] ?? NaN), 0);
    assert.equal(Math.round(growth['external'] ?? NaN), -10);
    assert.equal(last['rss'], 210);
  });

  it('is not told of too little', () => {
    assert.throws(() => memoryGrowth(samplesOf(() => 1).slice(0, 2)), /2 samples/);
  });
});

describe('phases', () => {
  it('are compared round by round', () => {
    const phases = new Phases(1);
    const round = (percent: number) => ({ percent, thread: 1, megabytes: 9, count: 30, done: 30 });
    phases.taken = { less: [10, 50, 30].map(round), more: [12, 51, 40].map(round) };
    assert.equal(phases.more('more', 'less'), 2);
    assert.equal(phases.more('more', 'less', 'megabytes'), 0);
    assert.equal(phases.usual('more', 'percent'), 40);
  });

  it('measure a process while it does what it tells of', async () => {
    const phases = new Phases(0.05);
    await phases.onNote({ phase: 'here' }, process.pid);
    await phases.onNote({ phase: 'here', done: 3 }, process.pid);
    const [taken] = phases.taken['here'] ?? [];
    assert.ok(taken && taken.percent >= taken.thread && taken.megabytes > 10);
    assert.deepEqual([taken.count, Math.round(taken.done)], [3, 60]);
  });
});
