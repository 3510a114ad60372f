import path from 'node:path';
import { NotAllowedError } from './errors.js';
import { sourceName } from './sourceName.js';
import type { SourceSpec } from './wire.js';

/** Node.js' permission model; not in @types/node of the lowest version. */
type Permission = { has(scope: string, reference?: string): boolean };

/** Options that name files, as FFmpeg has them. */
const FILE_OPTION = /^(?:ca|cert|key)(?:_?file)?$/;

/** Undefined where Node.js was started without it. What is native is beyond it, so it is asked here. */
const permission = (): Permission | undefined =>
  (process as { permission?: Permission }).permission;

/** Node.js before 25 does not ask for the network. The list of flags is made when it is first looked at. */
const knowsNetwork = (): boolean => process.allowedNodeEnvironmentFlags.has('--allow-net');

function refused(what: string, flag: string): NotAllowedError {
  return new NotAllowedError(`${what}: --permission forbids it: start Node.js with ${flag} too`, {
    code: 'ERR_NOT_ALLOWED',
  });
}

/**
 * A source as this process may open it: of a file whose folder it may not read as a whole, that file alone.
 *
 * @throws NotAllowedError if it may not.
 */
export function permitted(spec: SourceSpec): SourceSpec {
  const asked = permission();
  if (asked === undefined || spec.type === 'device') return spec;
  const mayRead = (file: string): boolean => asked.has('fs.read', file);
  if (spec.type === 'url') {
    assertMayConnect(sourceName(spec.value));
    for (const [name, file] of Object.entries(spec.options ?? {})) {
      if (FILE_OPTION.test(name) && !mayRead(path.resolve(file))) {
        throw refused(`the file of option "${name}"`, `--allow-fs-read=${path.resolve(file)}`);
      }
    }
    return spec;
  }
  const meant = pathsOf(spec.value);
  const forbidden = meant.find((file) => !mayRead(file));
  if (forbidden !== undefined) throw refused(forbidden, `--allow-fs-read=${forbidden}`);
  if (meant.every((file) => mayRead(path.join(path.dirname(file), path.sep)))) return spec;
  return { ...spec, options: { ...spec.options, alone: '1' } };
}

/** All that the core may take a path, or a `file:` URL, for. */
function pathsOf(value: string): string[] {
  const named = /^file:(.*)$/is.exec(value)?.[1];
  if (named === undefined) return [path.resolve(value)];
  const local = named.replace(/^\/\/(?:localhost)?(?=\/)/i, '');
  let decoded = local;
  try {
    decoded = decodeURIComponent(local);
  } catch {
    // It is taken as it is.
  }
  return [named, local, decoded].map((file) => path.resolve(file));
}

/** @throws NotAllowedError if this process may not write a recording there: HLS is many files of a folder. */
export function assertMayWrite(file: string, isFolder: boolean): void {
  const place = isFolder ? path.join(path.dirname(file), path.sep) : file;
  if (permission()?.has('fs.write', place) === false) {
    throw refused(place, `--allow-fs-write=${place}`);
  }
}

/** @throws NotAllowedError if this process may not connect to anybody. */
export function assertMayConnect(what: string): void {
  if (permission()?.has('net') === false && knowsNetwork()) throw refused(what, '--allow-net');
}
