// Stages the packages, looks at what is shipped, and packs it.
import fs from 'node:fs';
import path from 'node:path';
import { addonFile } from '../lib/addon.mjs';
import { ROOT_GLIBC } from '../lib/debian-root.mjs';
import { listFiles, listSources, Stamp } from '../lib/fingerprint.mjs';
import { goLibraryFile } from '../lib/go-library.mjs';
import { run } from '../lib/process.mjs';
import { inProject, logDir, root } from '../lib/project.mjs';
import { StepError } from '../lib/steps.mjs';
import { version } from '../lib/version.mjs';
import { faultsOf } from './binary.mjs';
import { faultsOfDll } from './dll.mjs';
import { mainManifest, platformManifest } from './manifest.mjs';
import { sbom } from './sbom.mjs';

export const packagesDir = inProject('build', 'packages');

const RECIPE = 1;
const log = path.join(logDir, 'packages.log');

const fileOf = ({ name, version }) => path.join(packagesDir, `${name}-${version}.tgz`);

export const mainTarball = () => fileOf(mainManifest());
export const platformTarball = (target) => fileOf(platformManifest(target.name));
export const debugTarball = (target) =>
  platformTarball(target).replace(/\.tgz$/, '-debug-symbols.tar.gz');

/** What of the addon and the library others see. */
export const EXPORTED = {
  'mscp.node': ['napi_register_module_v1', 'node_api_module_get_api_version_v1'],
  'libmscp.so': ['mscp_open_abi'],
};

/** What is packed, one folder a package: as NODE_PATH, it has a clone run with the published native code. */
export const stagesDir = path.join(packagesDir, 'stage');

const stageOf = ({ name }) => path.join(stagesDir, name);

function stage(manifest, files) {
  const folder = stageOf(manifest);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const [name, source] of Object.entries(files)) {
    const options = { recursive: true, preserveTimestamps: true };
    fs.cpSync(source, path.join(folder, name), options);
  }
  return folder;
}

async function pack(manifest, files) {
  const folder = stage(manifest, files);
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', packagesDir], {
    cwd: folder,
    log,
  });
}

/** A name, or the names that `folder/*.ending` stands for. */
function matching(pattern) {
  const [folder, ending] = pattern.split('/*');
  if (ending === undefined) return [pattern];
  const names = fs.readdirSync(inProject(folder)).filter((name) => name.endsWith(ending));
  return names.map((name) => `${folder}/${name}`);
}

export function mainTarballStep() {
  const stamp = new Stamp('main', packagesDir);
  const builtFrom = () => [
    RECIPE,
    mainManifest(),
    listSources(['dist'], /./),
    listSources(['docs'], /\.md$/),
    listFiles(['README.md', 'CHANGELOG.md', 'LICENSE']),
  ];
  return {
    name: 'Main package',
    expectedSeconds: 3,
    current: () => fs.existsSync(mainTarball()) && stamp.matches(builtFrom()),
    async run() {
      const from = builtFrom();
      const manifest = mainManifest();
      const files = manifest.files.flatMap(matching);
      await pack(manifest, Object.fromEntries(files.map((name) => [name, inProject(name)])));
      stamp.write(from);
    },
  };
}

export function platformTarballStep(target) {
  const stamp = new Stamp(target.name, packagesDir);
  const builtFrom = () => [
    RECIPE,
    platformManifest(target.name),
    listFiles([
      ...[addonFile(target), goLibraryFile(target)].map((file) => path.relative(root, file)),
      'LICENSE',
      'THIRD_PARTY_LICENSES',
    ]),
  ];
  return {
    name: `Package of ${target.name}`,
    expectedSeconds: 10,
    current: () => fs.existsSync(platformTarball(target)) && stamp.matches(builtFrom()),
    async run() {
      const from = builtFrom();
      const binaries = [addonFile(target), goLibraryFile(target)];
      for (const file of binaries) refuseFaulty(file, target);

      fs.mkdirSync(packagesDir, { recursive: true });
      const manifest = platformManifest(target.name);
      const scratch = fs.mkdtempSync(path.join(packagesDir, '.tmp-'));
      try {
        const bill = path.join(scratch, 'sbom.cdx.json');
        fs.writeFileSync(bill, `${JSON.stringify(sbom(manifest, target), null, 2)}\n`);
        const readme = path.join(scratch, 'README.md');
        fs.writeFileSync(readme, readmeOf(manifest));
        await pack(manifest, {
          ...Object.fromEntries(binaries.map((file) => [path.basename(file), file])),
          'README.md': readme,
          LICENSE: inProject('LICENSE'),
          THIRD_PARTY_LICENSES: inProject('THIRD_PARTY_LICENSES'),
          'sbom.cdx.json': bill,
        });
      } finally {
        fs.rmSync(scratch, { recursive: true });
      }
      // For Windows there are none: mingw-w64 writes none that debuggers of Windows read.
      if (!target.isWindows) {
        const symbols = binaries.map((file) => `${path.basename(file)}.debug`);
        const words = ['-czf', debugTarball(target), '-C', target.outputDir, ...symbols];
        await run('tar', words, { log });
      }
      stamp.write(from);
    },
  };
}

function refuseFaulty(file, target) {
  const { arch, isWindows } = target;
  const exported = EXPORTED[path.basename(file)];
  const faults = isWindows
    ? faultsOfDll(file, target)
    : faultsOf(file, { arch, exported, glibc: ROOT_GLIBC });
  if (faults.length > 0) {
    throw new StepError(`${file} ${faults.join('; ')}`, {
      cure: 'see scripts/lib/go-library.mjs and scripts/lib/addon.mjs for how it is linked',
    });
  }
}

const readmeOf = ({ name, description }) => `# ${name}

${description}.

This is installed with mediasoup-client-pion ${version()}; there is no need to name it in a package.json. Its licenses are in
THIRD_PARTY_LICENSES, a bill of materials (CycloneDX) is in sbom.cdx.json.
`;
