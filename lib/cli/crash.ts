import { readFileSync } from 'node:fs';
import type { CrashHead } from '../crashReports.js';

/** What `doctor --crash FILE --json` prints. */
export type Crash = {
  /** In words; `none` of a report without a crash, `unknown` of what is no report. */
  kind:
    | 'fault'
    | 'memory'
    | 'threads'
    | 'c'
    | 'abort'
    | 'panic'
    | 'died'
    | 'signal'
    | 'none'
    | 'unknown';
  what: string;
  /** What to do about it. */
  cure: string;
  /** Go's first words, where there are any. */
  message?: string;
  /** The innermost functions of the goroutine that crashed, without those of Go itself. */
  where: string[];
  goroutines: number;
  /** Of the package, Node.js and the system, as far as the report says. */
  versions: Record<string, string>;
  /** What to attach to a bug report. */
  attach: string[];
};

/** How many functions are shown. */
const SHOWN = 6;

/** A report beyond that is none. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Reads a report of a crash: one that this package has left, or what Go wrote to standard error.
 *
 * @throws Error if the file cannot be read.
 */
export function readCrash(file: string): Crash {
  const text = readFileSync(file, 'utf8').slice(0, MOST_BYTES);
  const { head, body } = partsOf(text);
  const stack = firstStack(body);
  const { kind, what, cure, message } = judge(body, stack, head);
  const isReport = kind !== 'none' && kind !== 'unknown';
  return {
    kind,
    what,
    cure,
    ...(message === undefined ? {} : { message }),
    // Who aborts may be no goroutine: those in C come first.
    where: kind === 'abort' && !isInC(stack[0]) ? [] : stack.filter(isOurs).slice(0, SHOWN),
    goroutines: body.match(/^goroutine \d+/gm)?.length ?? 0,
    versions: versionsOf(head, body),
    attach: isReport
      ? [file, 'the output of npx mediasoup-client-pion doctor --json', 'what was logged before it']
      : [],
  };
}

/** What the head of a report of this package says that it is. */
const OURS: CrashHead['report'] = 'mediasoup-client-pion';

type Head = {
  report?: unknown;
  version?: string;
  node?: Record<string, unknown>;
  javascriptStack?: { message?: string; stack?: string[] };
};

/** The head of a report, and Go's words; of a Worker that died, Node.js has them. */
function partsOf(text: string): { head: Head | undefined; body: string } {
  const whole = parse(text);
  if (whole?.report === OURS && whole.javascriptStack) {
    const { message = '', stack = [] } = whole.javascriptStack;
    return { head: whole, body: [message, ...stack].join('\n') };
  }
  const end = text.indexOf('\n');
  const head = parse(end < 0 ? text : text.slice(0, end));
  return head?.report === OURS
    ? { head, body: end < 0 ? '' : text.slice(end + 1) }
    : { head: undefined, body: text };
}

function parse(text: string): Head | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** The functions of the goroutine that crashed, the innermost first: Go writes it before the others. */
function firstStack(body: string): string[] {
  const [, after = ''] = body.split(/^\s*goroutine \d+.*:$/m, 2);
  const [stack = ''] = after.trimStart().split(/\n\s*\n/, 1);
  const names = stack
    .split('\n')
    .map((line) => /^(\S+)\([^()]*\)$/.exec(line.trim())?.[1])
    .filter((name) => name !== undefined);
  // What recovered from a panic stands before it.
  return names.slice(names.indexOf('panic') + 1);
}

/** What cgo makes of a function of C: the innermost of a goroutine that is in it. */
const isInC = (name = ''): boolean => name.includes('._Cfunc_');

/** Not of Go's runtime and its ways of starting functions. */
const isOurs = (name: string): boolean =>
  !/^(?:runtime|internal\/runtime|runtime\/debug|reflect|sync|internal\/sync|panic)\b/.test(name) &&
  !name.includes('/internal/recovery.');

type Judgement = Pick<Crash, 'kind' | 'what' | 'cure' | 'message'>;

const REPORT_IT = 'report it: this is a fault of this package, or of one that it uses';

/** What Go says, in its own words or by the function that it says it from. The first that fits counts. */
const JUDGEMENTS: { of: RegExp; kind: Crash['kind']; what: string; cure: string }[] = [
  {
    of: /^SIGABRT: sent by/,
    kind: 'signal',
    what: 'somebody sent SIGABRT, as a watchdog does to a process that does not answer',
    cure: 'look for who sent it. The stacks tell what the core did; report it if that does not go on',
  },
  {
    of: /^SIGABRT: .* main thread/,
    kind: 'abort',
    what: 'Node.js gave up (it had no memory left, say), or an addon on the thread of JavaScript',
    cure: 'read what it says on standard error, and the report that Node.js leaves if it is asked for (--report-on-fatalerror)',
  },
  {
    of: /^SIGABRT: /,
    kind: 'abort',
    what: 'a C library (FFmpeg, a codec, the system that found memory overwritten) gave up: what says where are the goroutines in C, of which one may be its caller; or it was Node.js, in a thread of its own',
    cure: `read what it says on standard error. ${REPORT_IT}`,
  },
  {
    of: /out of memory|cannot allocate memory|runtime\.\(\*mheap\)|runtime\.sysMap|runtime\.throw[^]{0,400}runtime\.(?:persistentalloc|mallocgc)/,
    kind: 'memory',
    what: 'the system gave no more memory',
    cure: 'look at the limits of the process and its container (ulimit -v, memory.max), and at worker.getMetrics() for what grows; report it if that is this package',
  },
  {
    of: /failed to create new OS thread|pthread_create failed|thread exhaustion|runtime\.checkmcount|runtime\.newosproc|runtime\/cgo: /,
    kind: 'threads',
    what: 'the system gave no more threads',
    cure: 'raise the limit of processes and threads (ulimit -u, TasksMax=, pids.max of its container; Go itself takes 10,000 at the most), or open fewer sources in one process',
  },
  {
    of: /concurrent map|internal\/runtime\/maps\.fatal|unlock of unlocked|internal\/sync\.fatal/,
    kind: 'fault',
    what: 'two goroutines changed the same thing at once, which Go does not survive',
    cure: REPORT_IT,
  },
  {
    of: /signal arrived during cgo execution|runtime\.cgocall/,
    kind: 'c',
    what: 'a C library (FFmpeg, a codec, one for sound) used memory that is not there',
    cure: `${REPORT_IT}. If one file or URL does it, attach it, or tell where it is`,
  },
  {
    of: /stack overflow|stack exceeds/,
    kind: 'fault',
    what: 'functions called each other without an end',
    cure: REPORT_IT,
  },
  {
    of: /^(?:SIG[A-Z]+: |\[signal SIG)/m,
    kind: 'signal',
    what: 'a signal ended the process: memory was used that is not there, or somebody sent it',
    cure: REPORT_IT,
  },
  {
    of: /^panic: /m,
    kind: 'panic',
    what: 'a fault in Go that nothing recovered from',
    cure: REPORT_IT,
  },
  {
    of: /^fatal error: |runtime\.(?:throw|fatal)/m,
    kind: 'fault',
    what: 'Go found its own state broken, and ended the process',
    cure: REPORT_IT,
  },
];

function judge(body: string, stack: string[], head: Head | undefined): Judgement {
  const message = /^(?:fatal error|panic|runtime|SIG[A-Z]+): .*$/m.exec(body)?.[0];
  if (head?.javascriptStack) {
    return {
      kind: 'died',
      what: 'a Worker died of a fault in the core; the process went on',
      cure: REPORT_IT,
      message: head.javascriptStack.message ?? '',
    };
  }
  if (body.trim() === '' && head) {
    return {
      kind: 'none',
      what: 'no crash of the core: the process runs still, or it was killed from outside, or another part of it crashed',
      cure: 'look for a kill (dmesg tells of those for want of memory), for "pthread_create failed" on standard error (no more threads), or for a report of Node.js itself',
    };
  }
  // Other goroutines may say what the one that crashed does not.
  const words = `${message ?? ''}\n${body.split(/^goroutine \d+/m, 1)[0] ?? ''}\n${stack.map((name) => `${name}(`).join('\n')}`;
  const found = JUDGEMENTS.find(({ of }) => of.test(words));
  if (!found) {
    return {
      kind: 'unknown',
      what: 'this is no report of a crash of the core',
      cure: 'give a file of the folder that MEDIASOUP_CLIENT_PION_CRASH_REPORTS names, or what Go wrote to standard error',
    };
  }
  const { kind, what, cure } = found;
  return { kind, what, cure, ...(message === undefined ? {} : { message }) };
}

function versionsOf(head: Head | undefined, body: string): Record<string, string> {
  const node = head?.node ?? {};
  const text = (name: string): string => {
    const value = node[name];
    return typeof value === 'string' ? value : '';
  };
  const pion = /github\.com\/pion\/webrtc\/v\d+@(v[\d.]+)/.exec(body)?.[1];
  const known = {
    'mediasoup-client-pion': head?.version,
    'Node.js': text('nodejsVersion'),
    system: [text('osName'), text('osRelease'), text('osMachine')].filter(Boolean).join(' '),
    glibc: text('glibcVersionRuntime'),
    'pion/webrtc': pion,
  };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value)) as Record<
    string,
    string
  >;
}
