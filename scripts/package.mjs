#!/usr/bin/env node
// npm run package: makes the tarballs that are published, in build/packages.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { addonStep } from './lib/addon.mjs';
import { packagesStep } from './lib/apt.mjs';
import { cLibrariesStep } from './lib/c-libraries.mjs';
import { debianRootStep } from './lib/debian-root.mjs';
import { goLibraryStep } from './lib/go-library.mjs';
import { npmStep } from './lib/npm.mjs';
import { printFailure, runSteps, StepError } from './lib/steps.mjs';
import { platformNames, platformTarget } from './lib/target.mjs';
import { toolchainStep } from './lib/toolchain.mjs';
import { typescriptStep } from './lib/typescript.mjs';
import {
  mainTarball,
  mainTarballStep,
  platformTarball,
  platformTarballStep,
} from './packaging/tarballs.mjs';
import { MAX_MAIN_PACKED, MAX_PLATFORM_UNPACKED, sizeOf, sizeTable } from './packaging/sizes.mjs';

const HELP = `Usage: node scripts/package.mjs [--platform=${platformNames.join(',')}] [--quiet]

Makes the main package and those of the platforms (all of them unless told otherwise) in build/packages, each only
if it isn't up to date. Needs Debian and root: the native code for Linux is linked in an older Debian, which debootstrap
brings, that for Windows by mingw-w64. Without what is cached, a platform takes 10 to 15 minutes on two cores.`;

/** Makes the main package and those of `platforms`. Resolves to the paths of the tarballs. */
export async function makePackages({ platforms = platformNames, quiet = false } = {}) {
  const targets = platforms.map(platformTarget);
  const ofLinux = targets.filter(({ isWindows }) => !isWindows);
  const ofWindows = targets.filter(({ isWindows }) => isWindows);
  // These change what other builds of this machine change as well.
  const installed = [
    ...(ofLinux.length > 0 ? [packagesStep('package')] : []),
    ...(ofWindows.length > 0 ? [packagesStep('windows')] : []),
  ];
  await runSteps([toolchainStep(), ...installed, npmStep(), typescriptStep()], { quiet });
  await runSteps([mainTarballStep()], { quiet, lockName: LOCK });
  if (ofLinux.length > 0) {
    const steps = [debianRootStep(), ...ofLinux.flatMap(stepsOf)];
    await runSteps(steps, { quiet, lockName: LOCK });
  }
  await runSteps(ofWindows.flatMap(stepsOf), { quiet, lockName: WINDOWS_LOCK });
  const natives = targets.map(platformTarball);
  refuseLarge(mainTarball(), sizeOf(mainTarball()).packed, MAX_MAIN_PACKED);
  for (const tarball of natives) {
    refuseLarge(tarball, sizeOf(tarball).unpacked, MAX_PLATFORM_UNPACKED);
  }
  return [mainTarball(), ...natives];
}

const stepsOf = (target) => [
  cLibrariesStep(target),
  goLibraryStep(target),
  addonStep(target),
  platformTarballStep(target),
];

/** The C libraries of a platform package alone. This machine is linked with them too, when it has none of its own. */
export async function makeCLibraries(platform) {
  await runSteps([toolchainStep(), packagesStep('package'), npmStep()]);
  const steps = [debianRootStep(), cLibrariesStep(platformTarget(platform))];
  await runSteps(steps, { lockName: LOCK });
}

// Locks of their own: these take long, and nothing else needs them.
const LOCK = 'package-lock';
const WINDOWS_LOCK = 'windows-lock';

function refuseLarge(tarball, bytes, limit) {
  if (bytes <= limit) return;
  throw new StepError(`${tarball} has ${bytes} bytes, and may have ${limit}`, {
    cure: 'docs/releasing.md tells what makes it large, and how that is found out',
  });
}

async function main() {
  const { values } = parseArgs({
    options: {
      platform: { type: 'string' },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const platforms = values.platform?.split(',');
  const tarballs = await makePackages({ platforms, quiet: values.quiet });
  if (!values.quiet) console.log(sizeTable(tarballs).join('\n'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    printFailure(error);
    process.exitCode = 1;
  });
}
