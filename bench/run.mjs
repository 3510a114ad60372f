#!/usr/bin/env node
// npm run bench: measures every case, here and in the peers, and prints one table. npm run bench -- --help tells more.
import fs from 'node:fs';
import { duration, printFailure } from '../scripts/lib/steps.mjs';
import { cases } from './cases/index.mjs';
import { load, machine } from './measure/machine.mjs';
import { helpText, OptionError, readOptions } from './measure/options.mjs';
import { runCase } from './measure/run-case.mjs';
import { PEERS, setUp } from './peers/setup.mjs';
import { writeDocuments } from './report/documents.mjs';
import { printResults } from './report/print.mjs';

const peerNames = Object.keys(PEERS);

async function main() {
  const options = readOptions(process.argv.slice(2), {
    cases: cases.map(({ name }) => name),
    peers: peerNames,
  });
  if (options.help) {
    console.log(helpText(cases, peerNames));
    return;
  }
  const wanted = cases.filter(({ name }) => options.cases.includes(name));
  const used = options.peers.filter((peer) => wanted.some(({ clients }) => clients.includes(peer)));
  const missing = await setUp(used);
  const here = ['ours', ...used.filter((peer) => !missing.some(({ name }) => name === peer))];

  const results = { machine: { ...machine(), load: load() }, missing, cases: {} };
  const began = Date.now();
  const progress = progressOf(wanted, { ...options, here });
  for (const each of wanted) {
    const clients = each.clients.filter((client) => here.includes(client));
    const before = load();
    const result = await runCase(each, {
      ...options,
      clients,
      progress: (what, seconds) => progress(`${each.name}, ${what}`, seconds),
    });
    results.cases[each.name] = { ...result, load: before };
  }
  printResults(results);
  console.log(`\n${duration(Date.now() - began)}`);
  if (options.json !== undefined) fs.writeFileSync(options.json, JSON.stringify(results, null, 2));
  if (options.write) await writeDocuments(results);
  // Slow is no failure, but what could not be measured is one.
  if (Object.values(results.cases).some(({ failures }) => failures.length > 0)) {
    process.exitCode = 1;
  }
}

/** Tells what is measured next, and how long all that is left will take, corrected by how long it took so far. */
function progressOf(wanted, { here, runs, quick }) {
  let left = 0;
  for (const { clients, seconds } of wanted) {
    for (const client of clients)
      if (here.includes(client)) left += runs * seconds({ client, quick });
  }
  const began = performance.now();
  let done = 0;
  return (what, seconds) => {
    const taken = (performance.now() - began) / 1000;
    const factor = done > 0 ? taken / done : 1;
    console.error(`${what}; about ${duration(1000 * left * factor)} left`);
    left -= seconds;
    done += seconds;
  };
}

try {
  await main();
} catch (error) {
  if (error instanceof OptionError) {
    console.error(`${error.message}\nnpm run bench -- --help tells the options`);
    process.exitCode = 2;
  } else {
    printFailure(error);
    process.exitCode = 1;
  }
}
