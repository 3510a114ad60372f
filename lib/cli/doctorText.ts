import type { Codec } from '../wire.js';
import { codecVariant } from './codecVariant.js';
import type { Diagnosis } from './doctor.js';
import type { Problem } from './Problem.js';
import { table } from './table.js';

/** The modules that matter to whoever reads it; `--json` has all. */
const SHOWN_MODULES = ['pion/webrtc', 'pion/ice', 'pion/dtls', 'pion/srtp', 'pion/sctp'];

/** Says a diagnosis in words. */
export function doctorText({ ok, version, host, core, problems }: Diagnosis): string {
  const sections: string[] = [];
  const section = (title: string, rows: string[][]): void => {
    if (rows.length > 0) sections.push(`${title}\n${table(rows)}`);
  };
  section('Platform', [
    ['system', `${host.system ?? host.platform} (${host.platform}-${host.arch}, ${host.release})`],
    ['processors', `${host.processors}, ${(host.memory / 2 ** 30).toFixed(1)} GB of memory`],
    ['Node.js', host.node],
    ['glibc', host.glibc ?? 'none'],
    ['screen', host.display ?? 'none (DISPLAY is not set)'],
  ]);
  const modules = (core?.modules ?? []).flatMap(({ name, version: moduleVersion }) => {
    const short = SHOWN_MODULES.find((shown) => name.includes(shown));
    return short ? [[short, moduleVersion]] : [];
  });
  section('Versions', [
    ['mediasoup-client-pion', version],
    ['mediasoup-client', host.mediasoupClient ?? 'not installed'],
    ...(core ? [['Go', core.go]] : []),
    ...modules,
    ...(core?.libraries ?? []).map(({ name, version: libraryVersion }) => [name, libraryVersion]),
  ]);
  if (core) {
    section('Codecs', codecRows(core));
    section(
      'Hardware encoders',
      core.hardware.map(({ mimeType, name, refused }) => [
        mimeType,
        name,
        refused ? `no: ${refused}` : 'works',
      ]),
    );
    section(
      'Devices',
      core.devices.length > 0
        ? core.devices.map(({ kind, id, label }) => [kind, id, label])
        : [['none']],
    );
  }
  section('Network', [
    ...host.interfaces.map(({ name, address, internal }) => [
      name,
      address,
      internal ? 'only for servers on this machine' : '',
    ]),
    ...(core?.candidates ?? []).map(({ type, protocol, address }) => [
      'candidate',
      address,
      `${type}, ${protocol}`,
    ]),
  ]);
  sections.push(problemText(problems));
  sections.push(ok ? 'Nothing essential is broken.' : 'mediasoup-client-pion does not work here.');
  return sections.join('\n\n');
}

function codecRows({ send, receive, encoders }: NonNullable<Diagnosis['core']>): string[][] {
  return [...new Set([...send, ...receive].map(({ mimeType }) => mimeType))].map((name) => {
    const named = ({ mimeType }: Codec): boolean => mimeType === name;
    const sends = encoders.includes(name) ? 'send' : 'pass through';
    const ways = [send.some(named) ? sends : '', receive.some(named) ? 'receive' : ''];
    const variants = (send.some(named) ? send : receive).filter(named).map(codecVariant);
    return [name, ways.filter(Boolean).join(', '), variants.filter(Boolean).join(', ')];
  });
}

function problemText(problems: Problem[]): string {
  if (problems.length === 0) return 'No problem found.';
  const order = ['error', 'warning', 'note'];
  const sorted = [...problems].sort(
    (a, b) => order.indexOf(a.severity) - order.indexOf(b.severity),
  );
  return [
    'What is wrong',
    ...sorted.map(({ severity, what, cure }) => `  ${severity}: ${what}\n    ${cure}`),
  ].join('\n');
}
