import { existsSync, readdirSync } from 'node:fs';
import nodeModule from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ArgumentError, describe, InvalidStateError } from './errors.js';
import {
  NATIVE_PATH,
  notBesideBundle,
  notBesideExecutable,
  notFound,
  notThere,
  otherVersion,
} from './native-errors.js';
import { packagesFor } from './nativePackages.cjs';
import { packageOf, thisMachine } from './platform.js';
import { version } from './version.js';

const platform = `${process.platform}-${process.arch}`;
const packageName = packageOf(process);

/** This file, as the build has made it; in bundles that are ES modules it is not known. */
const here = import.meta.url as string | undefined;

/** What this file is called in the repository, and in the package. */
const OWN_NAMES = ['nativeFiles.ts', 'library.cjs', 'cli.mjs'];

/** The addon that an option has named, and the one that this thread has taken. */
let chosen: string | undefined;
let taken: string | undefined;

/**
 * Has the native code come from a folder.
 *
 * @throws TypeError unless it is a path, InvalidStateError if this thread has it from elsewhere.
 */
export function chooseNativePath(folder: unknown): void {
  if (typeof folder !== 'string' || folder === '') {
    throw new ArgumentError(`nativePath: expected the path of a folder, got ${describe(folder)}`);
  }
  const wanted = addonIn(folder);
  const other = taken ?? chosen;
  if (other !== undefined && other !== wanted) {
    throw new InvalidStateError(
      `nativePath: this thread has its native code from ${path.dirname(other)} already. Name one folder, ` +
        'before anything else of mediasoup-client-pion is opened',
    );
  }
  chosen = wanted;
}

/** The addon, beside which the core lies. */
export type NativeAddon = { readonly file: string; load(): unknown };

/**
 * The addon: where it was said to be, else in the package of the platform, else in a clone of the repository.
 *
 * @throws OperationError with a code of `NativeErrorCode`.
 */
export function findAddon(): NativeAddon {
  const addon = named() ?? installed() ?? built();
  if (addon === undefined) {
    if (!isBundled()) throw notFound(thisMachine(), version, [packageName, String(builtFile())]);
    const told = isSingleExecutable() ? notBesideExecutable : notBesideBundle;
    throw told(thisMachine(), version, lookUps());
  }
  taken = addon.file;
  return addon;
}

const addonIn = (folder: string): string => path.resolve(folder, 'mscp.node');

const addonAt = (file: string): NativeAddon => ({
  file,
  load: () => nodeModule.createRequire(file)(file) as unknown,
});

function named(): NativeAddon | undefined {
  const variable = process.env[NATIVE_PATH];
  const file = chosen ?? (variable ? addonIn(variable) : undefined);
  if (file === undefined) return undefined;
  if (!existsSync(file)) throw notThere(chosen === undefined ? NATIVE_PATH : 'nativePath', file);
  const addon = addonAt(file);
  const manifest = path.join(path.dirname(file), 'package.json');
  if (existsSync(manifest)) assertVersion(nodeModule.createRequire(file)(manifest) as Manifest);
  return addon;
}

type Manifest = { name: string; version: string };

/** Of another package's folder the core itself tells whether it fits. */
function assertVersion({ name, version: found }: Manifest): void {
  if (name === packageName && found !== version) throw otherVersion(packageName, found, version);
}

/** Whether this file is what some bundler made of the build's, or has a name that one made up, as Turbopack does. */
const isBundled = (): boolean =>
  here === undefined ||
  !OWN_NAMES.includes(path.posix.basename(here)) ||
  !existsSync(fileURLToPath(here));

/** Node.js before 20.16 has no such function. */
function isSingleExecutable(): boolean {
  return (process as Partial<NodeJS.Process>).getBuiltinModule?.('node:sea')?.isSea() === true;
}

/**
 * Where packages are looked up from: for a bundle, where it lies, where the program lies, and where it runs, and there as this
 * package is installed, since pnpm and Plug'n'Play let an app see only what it depends on itself. The bundle of an app that depends
 * on this package through another does not see that either: it is looked for in what these have installed.
 */
function lookUps(): string[] {
  if (here !== undefined && !isBundled()) return [here];
  const files = [here, process.argv[1], path.resolve('here.js')]
    .filter((file) => file !== undefined)
    .filter((file) => file.startsWith('file:') || path.isAbsolute(file));
  const seen = files.flatMap((file) => [file, ...ownPackageSeenFrom(file)]);
  return [...new Set([...seen, ...files.flatMap(storesAbove)])];
}

function ownPackageSeenFrom(file: string): string[] {
  try {
    return [nodeModule.createRequire(file).resolve('mediasoup-client-pion/package.json')];
  } catch {
    return [];
  }
}

/** Of the nearest folder above that has any. */
function storesAbove(file: string): string[] {
  let folder = path.dirname(file.startsWith('file:') ? fileURLToPath(file) : file);
  for (let below; folder !== below; [below, folder] = [folder, path.dirname(folder)]) {
    const stores = [...storeOfPnpm(folder), ...unpluggedByYarn(folder)];
    if (stores.length > 0) return stores;
  }
  return [];
}

/** As pnpm names the folders of its packages. */
function storeOfPnpm(folder: string): string[] {
  const store = path.join(folder, 'node_modules', '.pnpm');
  return existsSync(store) ? [path.join(store, `${packageName}@${version}`, 'here.js')] : [];
}

/** As Yarn names the folders of packages that can't stay in an archive. */
function unpluggedByYarn(folder: string): string[] {
  const all = path.join(folder, '.yarn', 'unplugged');
  if (!existsSync(all)) return [];
  return readdirSync(all)
    .filter((name) => name.startsWith(`${packageName}-npm-${version}-`))
    .map((name) => path.join(all, name, 'node_modules', packageName, 'here.js'));
}

function installed(): NativeAddon | undefined {
  for (const from of lookUps()) {
    const addon = installedFor(from);
    if (addon !== undefined) return addon;
  }
  return undefined;
}

type NativePackage = { manifest: () => Manifest; addon: () => unknown };

function installedFor(from: string): NativeAddon | undefined {
  const require = nodeModule.createRequire(from);
  const known = packagesFor(nodeModule, from) as Record<string, NativePackage>;
  const { manifest, addon } = known[platform] ?? {
    manifest: () => require(`${packageName}/package.json`) as Manifest,
    addon: () => require(`${packageName}/mscp.node`) as unknown,
  };
  try {
    assertVersion(manifest());
    return { file: require.resolve(`${packageName}/mscp.node`), load: addon };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Where a clone of the repository has its own. */
function built(): NativeAddon | undefined {
  const file = builtFile();
  return file !== undefined && existsSync(file) ? addonAt(file) : undefined;
}

const builtFile = (): string | undefined =>
  isBundled() ? undefined : fileURLToPath(new URL(`../build/${platform}/mscp.node`, here));
