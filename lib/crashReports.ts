import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isMainThread } from 'node:worker_threads';
import type { Bridge } from './bridge.js';
import { Logger } from './Logger.js';
import { version } from './version.js';
import { Method } from './wire.js';

/** Names the folder that reports of crashes go to. Without it there are none. */
export const CRASH_REPORTS = 'MEDIASOUP_CLIENT_PION_CRASH_REPORTS';

/** What a report begins with, as JSON in one line. Go's stacks follow. */
export type CrashHead = {
  report: 'mediasoup-client-pion';
  version: string;
  pid: number;
  /** When the core was loaded, in ISO 8601. */
  loaded: string;
  /** Of Node.js' own report: its versions, and the system. */
  node: Record<string, unknown>;
};

/** Of Node.js' own report; the rest of its head may be secret, as the command line, or is long. */
const HEADERS = [
  'nodejsVersion',
  'glibcVersionRuntime',
  'arch',
  'platform',
  'componentVersions',
  'osName',
  'osRelease',
  'osVersion',
  'osMachine',
];

type NodeReport = Record<string, unknown> & {
  header: Record<string, unknown>;
  workers?: NodeReport[];
};

/** A Worker that dies again and again fills no disk. */
const MOST_DEATHS = 10;

const LEFT = Symbol.for('mediasoup-client-pion.crash-reports');

const logger = new Logger('crash');
let deaths = 0;

/** Where a report goes to; undefined where none is asked for. */
function fileOf(kind: string): string | undefined {
  const folder = process.env[CRASH_REPORTS];
  if (!folder) return undefined;
  const time = new Date().toISOString().replace(/[-:.]/g, '');
  return path.resolve(folder, `mediasoup-client-pion-${time}-${process.pid}-${kind}`);
}

/** Has a crash of the core leave a report, if that is asked for. It does not throw, and does not wait. */
export function reportCrashes(bridge: Bridge): void {
  const file = fileOf('crash.txt');
  if (file === undefined) return;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
  } catch (error) {
    refused(error);
    return;
  }
  const head = JSON.stringify(crashHead());
  const left = filesLeft();
  left?.add(file);
  bridge.request(0, Method.EnvironmentReportCrashes, { file, head }).then(
    // Another thread, or another copy of the package, may have named another before.
    (made) => left?.delete(file) && left.add(made.file),
    (error: unknown) => {
      left?.delete(file);
      refused(error);
    },
  );
}

/**
 * What the end of the process removes: the last thread to end has the core remove it, but process.exit() ends the main thread without
 * a word to it. Undefined in other threads. All copies of the package have one listener, which keeps none but the first.
 */
function filesLeft(): Set<string> | undefined {
  if (!isMainThread) return undefined;
  const all = globalThis as unknown as Record<symbol, Set<string> | undefined>;
  return (all[LEFT] ??= removedAtTheEnd());
}

function removedAtTheEnd(): Set<string> {
  const files = new Set<string>();
  process.once('exit', () => {
    for (const file of files) rmSync(file, { force: true });
  });
  return files;
}

/** Has a Worker that died leave Node.js' own report, with the stack of the core, if that is asked for. */
export function reportDeath(error: Error): void {
  const file = fileOf(`died-${deaths + 1}.json`);
  if (file === undefined || deaths >= MOST_DEATHS) return;
  deaths++;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    const text = JSON.stringify({ ...crashHead(), ...nodeReport(error) }, null, 2);
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    logger.error('what is known of it is in %s', file);
  } catch (refusal) {
    refused(refusal);
  }
}

function refused(error: unknown): void {
  logger.error('crashes leave no report: %s', (error as Error).message);
}

function crashHead(): CrashHead {
  const { header } = nodeReport();
  return {
    report: 'mediasoup-client-pion',
    version,
    pid: process.pid,
    loaded: new Date().toISOString(),
    node: Object.fromEntries(
      HEADERS.flatMap((name) => (name in header ? [[name, header[name]]] : [])),
    ),
  };
}

/** Node.js' own, without what may be secret in it: the environment and the command line. */
function nodeReport(error?: Error): NodeReport {
  const settings = process.report as unknown as { excludeNetwork: boolean };
  const before = settings.excludeNetwork;
  // It would look up the names of remote addresses, and wait for that.
  settings.excludeNetwork = true;
  try {
    return withoutSecrets(process.report.getReport(error) as unknown as NodeReport);
  } finally {
    settings.excludeNetwork = before;
  }
}

function withoutSecrets(report: NodeReport): NodeReport {
  const { header, workers = [] } = report;
  delete report['environmentVariables'];
  delete header['commandLine'];
  // Each thread has a report of its own.
  return { ...report, workers: workers.map(withoutSecrets) };
}
