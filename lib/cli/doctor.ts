import type { Codec, Component, DeviceInfo, HardwareEncoder } from '../wire.js';
import { version } from '../version.js';
import { CoreSession } from './CoreSession.js';
import type { Candidate } from './CoreSession.js';
import { describeHost } from './host.js';
import type { Host } from './host.js';
import { hostProblems } from './hostProblems.js';
import type { Problem } from './Problem.js';

/** What `doctor --json` prints. */
export type Diagnosis = {
  /** Whether nothing essential is broken. */
  ok: boolean;
  version: string;
  host: Host;
  /** Missing where the core cannot be loaded. */
  core?: {
    go: string;
    modules: Component[];
    libraries: Component[];
    /** What can be encoded; other codecs are sent only as a source holds them. */
    encoders: string[];
    /** What hardware encodes where `hardwareAcceleration` asks for it, or why it does not here. */
    hardware: HardwareEncoder[];
    send: Codec[];
    receive: Codec[];
    candidates: Candidate[];
    devices: DeviceInfo[];
  };
  problems: Problem[];
};

/** Looks at the machine and at the core. It does not throw: what fails is a problem. */
export async function diagnose(): Promise<Diagnosis> {
  const host = describeHost();
  const problems = hostProblems(host);
  const core = await examineCore(problems);
  return {
    ok: !problems.some(({ severity }) => severity === 'error'),
    version,
    host,
    ...(core ? { core } : {}),
    problems,
  };
}

async function examineCore(problems: Problem[]): Promise<Diagnosis['core']> {
  let session: CoreSession;
  try {
    session = new CoreSession();
  } catch (error) {
    problems.push(failure('the native library cannot be loaded', error));
    return undefined;
  }
  const attempt = async <T>(what: string, fallback: T, run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      problems.push(failure(what, error));
      return fallback;
    }
  };
  const build = await attempt('the core does not tell what it is made of', undefined, () =>
    session.build(),
  );
  const send = await attempt('what can be sent is not known', [], () => session.codecs('sendonly'));
  const receive = await attempt('what can be received is not known', [], () =>
    session.codecs('recvonly'),
  );
  const candidates = await attempt('no ICE candidates could be gathered', undefined, () =>
    session.candidates(),
  );
  const devices = await attempt('devices could not be listed', undefined, () => session.devices());
  await attempt('the core could not be closed', undefined, () => session.close());
  if (build && !build.authorities) problems.push(noAuthorities);
  if (candidates?.length === 0) problems.push(noCandidates);
  if (devices) problems.push(...missingDevices(devices));
  const { go = '', modules = [], libraries = [], encoders = [], hardware = [] } = build ?? {};
  return {
    go,
    modules,
    libraries,
    encoders,
    hardware,
    send,
    receive,
    candidates: candidates ?? [],
    devices: devices ?? [],
  };
}

function failure(what: string, error: unknown): Problem {
  const { message, code } = error as NodeJS.ErrnoException;
  return {
    severity: 'error',
    what: `${what}: ${message}`,
    cure: code
      ? `docs/troubleshooting.md tells of ${code}`
      : 'report it with the output of doctor --json',
    ...(code ? { code } : {}),
  };
}

const noAuthorities: Problem = {
  severity: 'warning',
  what: 'there are no certificate authorities: https, rtsps, rtmps and turns servers cannot be verified',
  cure: 'apt-get install ca-certificates, or name a file of them in SSL_CERT_FILE',
};

const noCandidates: Problem = {
  severity: 'warning',
  what: 'there is no address that a server could be reached from, but loopback',
  cure: 'connect the machine, or its container, to a network; a firewall may also forbid UDP sockets',
};

function missingDevices(devices: DeviceInfo[]): Problem[] {
  const kinds = new Set(devices.map(({ kind }) => kind));
  const problems: Problem[] = [];
  if (!kinds.has('audioinput')) {
    problems.push({
      severity: 'note',
      what: 'there is no microphone',
      cure: 'only if you need one: libasound2 or libpulse0 has to be installed; in a container, give it /dev/snd or a PulseAudio socket',
    });
  }
  if (!kinds.has('videoinput')) {
    problems.push({
      severity: 'note',
      what: 'there is no camera',
      cure: 'only if you need one: look for /dev/video*; in a container, give it that device',
    });
  }
  return problems;
}
