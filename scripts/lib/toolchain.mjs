// The tools that the user brings: Go and Node. They can't be installed here, so say early what is wrong.
import fs from 'node:fs';
import path from 'node:path';
import { capture } from './process.mjs';
import { inProject } from './project.mjs';
import { StepError } from './steps.mjs';

const NODE_MAJOR = 20;

function requiredGo() {
  try {
    const text = fs.readFileSync(inProject('go.mod'), 'utf8');
    return /^go (\d+\.\d+)/m.exec(text)?.[1] ?? '1.26';
  } catch {
    return '1.26';
  }
}

function hasProgram(name) {
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .some((folder) => fs.existsSync(path.join(folder, name)));
}

function isOlder(version, required) {
  const [major, minor] = version.split('.').map(Number);
  const [wantMajor, wantMinor] = required.split('.').map(Number);
  return major < wantMajor || (major === wantMajor && minor < wantMinor);
}

export function toolchainStep() {
  return {
    name: 'Go and Node',
    // Starting go takes longer than the whole check of a warm run may: only its presence is looked at here.
    current: () => Number(process.versions.node.split('.')[0]) >= NODE_MAJOR && hasProgram('go'),
    async run() {
      if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR) {
        throw new StepError(`Node ${process.versions.node} is too old`, {
          cure: `install Node ${NODE_MAJOR} or later`,
        });
      }
      throw new StepError('go is not on the PATH', {
        cure: `install Go ${requiredGo()} or later and put it on the PATH`,
      });
    },
  };
}

/** Throws if the go that will be used is older than go.mod asks for. */
export function checkGoVersion() {
  const version = /go(\d+\.\d+)/.exec(capture('go', ['version']) ?? '')?.[1];
  if (version && isOlder(version, requiredGo())) {
    throw new StepError(`Go ${version} is too old`, {
      cure: `install Go ${requiredGo()} or later and put it on the PATH`,
    });
  }
}
