// What a load test comes to: percentiles, thresholds, the summary of many machines, and the report.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { parse } from 'parse5';
import type { DefaultTreeAdapterMap } from 'parse5';
import { collect } from '../../lib/cli/load/collect.js';
import { noValues, spreadOf } from '../../lib/cli/load/metrics.js';
import { readOptions } from '../../lib/cli/load/options.js';
import { reportOf } from '../../lib/cli/load/report.js';
import { merge, summaryOf } from '../../lib/cli/load/summary.js';
import type { Course, Second, Summary } from '../../lib/cli/load/summary.js';
import { judge, parseThreshold, parseThresholds } from '../../lib/cli/load/thresholds.js';
import { summaryText } from '../../lib/cli/load/text.js';

const counts = { joined: 10, failed: 0, lost: 0, refused: 0 };
const second = (pod: number, at: number, rest: Partial<Second> = {}): Second => ({
  ...{ type: 'second', pod, at, waiting: 0, joining: 0, joined: 5, failed: 0, lost: 0, refused: 0 },
  ...{
    consumers: 20,
    kbitsSent: 1000,
    kbitsReceived: 4000,
    packetsSent: 100,
    packetsReceived: 400,
  },
  ...{ messagesSent: 0, messagesReceived: 0, loop: 2, cores: 0.5, rss: 100 },
  ...rest,
});

function summary(
  pod: number,
  join: number[],
  rest: Partial<Course> = {},
  args: string[] = [],
): Summary {
  const options = readOptions(
    ['http://host/?token=secret', '--bots', '10', '--pods', '2', '--pod', String(pod), ...args],
    {},
  );
  return summaryOf(options, {
    ...{ began: new Date(1e12 + pod), seconds: 3.5, counts: { ...counts, joined: join.length } },
    totals: {
      ...{ bytesSent: 1000, bytesReceived: 4000, packetsSent: 10, packetsReceived: 40 },
      ...{ packetsDropped: 0, messagesSent: 0, messagesReceived: 0, messagesLost: 0 },
    },
    values: { ...noValues(), join },
    errors: {},
    history: [second(pod, 1), second(pod, 2, { loss: 1 + pod }), second(pod, 3.1)],
    ...rest,
  });
}

describe('percentiles', () => {
  it('are those of the values, between them by weight', () => {
    const spread = spreadOf(Array.from({ length: 101 }, (_, at) => 100 - at));
    assert.deepEqual(spread, {
      count: 101,
      mean: 50,
      min: 0,
      p50: 50,
      p90: 90,
      p95: 95,
      p99: 99,
      max: 100,
    });
    assert.equal(spreadOf([1, 2])?.p50, 1.5);
    assert.equal(spreadOf([]), undefined);
  });
});

describe('thresholds', () => {
  const values = { ...noValues(), join: [100, 200, 300], loss: [0, 0, 5] };
  const held = (text: string) => judge([parseThreshold(text)], { values, counts })[0];

  it('hold or do not, by what was measured', () => {
    for (const [text, expected] of [
      ['join.max<=300', true],
      ['join.max<300', false],
      ['join.min>=100', true],
      [' join.min > 100 ', false],
      ['join<290', false],
      ['join<291', true],
      ['loss.p50<=0', true],
      ['loss.max<1', false],
      ['joined>=10', true],
      ['failed<1', true],
      ['lost>0', false],
    ] as const) {
      assert.equal(held(text)?.held, expected, text);
    }
    assert.deepEqual(held('join.mean<1'), {
      threshold: 'join.mean<1',
      value: 200,
      unit: 'ms',
      held: false,
    });
  });

  it('of what nobody measured do not hold', () => {
    assert.deepEqual(held('rtt<100'), { threshold: 'rtt<100', unit: 'ms', held: false });
  });

  it('let nobody be missing unless they say otherwise', () => {
    const texts = (given: string[]) => parseThresholds(given).map(({ text }) => text);
    assert.deepEqual(texts(['join<5']), ['join<5', 'failed<=0', 'lost<=0']);
    assert.deepEqual(texts(['failed<=3']), ['failed<=3', 'lost<=0']);
  });
});

describe('the summary', () => {
  it('has no secrets of the URL', () => {
    assert.equal(summary(0, [1]).url, 'http://host/?…');
  });

  it('says where the bots were the limit', () => {
    const values = { ...noValues(), loop: [80, 90] };
    const cpus = os.availableParallelism();
    const history = [second(0, 1, { cores: cpus })];
    const { notes } = summary(0, [1], { values, history, early: 'SIGINT came' });
    assert.equal(notes.length, 3);
    assert.match(
      notes.join('\n'),
      /event loop was late[^]*no processor left[^]*ended early: SIGINT/,
    );
  });

  it('of many machines has the values of all', () => {
    const [one, other] = [
      summary(0, [100, 300], { errors: { a: 1 } }),
      summary(1, [200], { errors: { a: 2, b: 1 } }),
    ];
    const merged = merge([other, one], parseThresholds(['join.p50<=200']));
    assert.equal(merged.spreads.join?.p50, 200);
    assert.equal(merged.spreads.join.count, 3);
    assert.deepEqual(merged.pods, { of: 2, seen: [0, 1] });
    assert.equal(merged.bots, 10);
    assert.deepEqual(merged.errors, { a: 3, b: 1 });
    assert.equal(merged.totals.packetsReceived, 80);
    assert.equal(merged.began, new Date(1e12).toISOString());
    assert.deepEqual(
      merged.history?.map(({ at, joined, loss }) => [at, joined, loss]),
      [
        [1, 10, undefined],
        [2, 10, 1.5],
        [3, 10, undefined],
        [4, 10, undefined],
      ],
    );
    assert.ok(merged.passed);
    assert.throws(() => merge([one, one], []), /two summaries of pod 0/);
  });

  it('of some of the machines says so, and does not pass', () => {
    const one = summary(0, [100]);
    const alone = merge([one], []);
    assert.match(alone.notes.join(), /1 of 2 pods told nothing/);
    assert.equal(alone.passed, false);
    const two = merge([{ ...one, pods: { of: 3, seen: [0] } }, summary(1, [100])], []);
    assert.match(two.notes.join(), /1 of 3 pods told nothing/);
    assert.equal(two.passed, false);
    // Who had no bot has nothing to tell.
    const idle = merge([one], [], [1]);
    assert.deepEqual([idle.notes, idle.passed, idle.pods.seen], [[], true, [0, 1]]);
  });
});

function folderOf(t: TestContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'collect-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  return folder;
}

describe('the collector', () => {
  it('reads files, and logs with other lines and with prefixes', (t) => {
    const folder = folderOf(t);
    const file = path.join(folder, 'pod-0.json');
    fs.writeFileSync(file, `${JSON.stringify(summary(0, [100]))}\n`);
    const log = path.join(folder, 'pod-1.log');
    const { history = [], ...rest } = summary(1, [200, 300]);
    const lines = [...history, { ...rest, history: undefined }].map((line) => JSON.stringify(line));
    const noise = [
      '(node:1) Warning: {"type":"none"}',
      '{"type":"second',
      '',
      'metrics at http://x',
    ];
    fs.writeFileSync(
      log,
      [...noise, ...lines].map((line) => `[pod/load-1-x/load] ${line}\n`).join(''),
    );
    const collected = collect([file, log], parseThresholds([]));
    assert.deepEqual(collected.pods.seen, [0, 1]);
    assert.equal(collected.counts.joined, 3);
    assert.equal(collected.history?.length, 4);
    assert.equal(collected.history[0]?.joined, 10);
    const idle = path.join(folder, 'pod-2.log');
    fs.writeFileSync(idle, '{"type":"note","pod":2,"message":"pod 2 of 3 has no bot"}\n');
    assert.deepEqual(collect([idle, file, log], []).pods.seen, [0, 1, 2]);
    assert.throws(() => collect([idle], []), /there is no summary/);
    const empty = path.join(folder, 'empty.log');
    fs.writeFileSync(empty, noise.join('\n'));
    assert.throws(() => collect([empty], []), /empty\.log: there is no summary/);
  });
});

type Node = DefaultTreeAdapterMap['node'];

/** All elements of a name, and the text of one. */
function elements(node: Node, name: string): DefaultTreeAdapterMap['element'][] {
  const children = 'childNodes' in node ? node.childNodes : [];
  const own = 'tagName' in node && node.tagName === name ? [node] : [];
  return [...own, ...children.flatMap((child) => elements(child, name))];
}
function textOf(node: Node): string {
  if ('value' in node) return node.value;
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}

describe('the report', () => {
  const page = (given: Summary) => {
    const errors: string[] = [];
    const html = reportOf(given);
    const tree = parse(html, { onParseError: ({ code }) => errors.push(code) });
    assert.deepEqual(errors, []);
    return { html, tree };
  };
  const rowsOf = (tree: Node) => elements(tree, 'tr').map((row) => row.childNodes.map(textOf));

  it('is a page of its own, with charts and what the summary has', () => {
    const { html, tree } = page(summary(0, [100, 200, 300], {}, ['--threshold', 'join.max<300']));
    for (const name of ['script', 'link', 'img', 'iframe']) {
      assert.equal(elements(tree, name).length, 0, name);
    }
    assert.doesNotMatch(html, /(?:src|href)=|url\(|@import/);
    assert.match(textOf(elements(tree, 'h1')[0] ?? tree), /FAILED/);
    const charts = elements(tree, 'svg');
    assert.equal(charts.length, 7);
    // A line of each: one that begins, goes on, and has no number that is none.
    for (const chart of charts) {
      const paths = elements(chart, 'path').map(
        ({ attrs }) => attrs.find(({ name }) => name === 'd')?.value ?? '',
      );
      assert.ok(paths.length > 1);
      assert.doesNotMatch(paths.join(), /NaN|undefined|null/);
    }
    const rows = rowsOf(tree);
    assert.deepEqual(
      rows.find(([first]) => first === 'join.max<300'),
      ['join.max<300', '300 ms', 'BROKEN'],
    );
    assert.deepEqual(
      rows.find(([first]) => first === 'join, ms'),
      ['join, ms', '200', '100', '200', '280', '290', '298', '300', '3'],
    );
  });

  it('shows what servers say as text', () => {
    const errors = { 'join: <script>alert("x")</script> & \u001b[2J': 7 };
    const given = summary(0, [1], { errors });
    const { tree } = page(given);
    assert.equal(elements(tree, 'script').length, 0);
    assert.ok(rowsOf(tree).some(([what, count]) => what?.includes('<script>') && count === '7'));
    assert.ok(!summaryText(given).includes('\u001b'));
  });

  it('has a chart of a run without a second, too', () => {
    const { tree } = page(summary(0, [], { history: [] }));
    assert.equal(elements(tree, 'svg').length, 7);
  });
});
