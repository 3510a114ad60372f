// AWS Lambda, as far as a function sees of it: AWS' own emulator and client, and a root of which only /tmp can be written to.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { emulator, lambdaClient } from '../../../scripts/lib/lambda.mjs';
import { nodeRoot } from '../../../scripts/lib/node-root.mjs';
import { freePort } from '../../e2e/support/free-port.mjs';
import type { Program, Project } from './project.js';

const LIMIT_MS = 120_000;

const freeAddress = async () => `127.0.0.1:${await freePort()}`;

/** $1 is the root, $2 the deployment folder, $3 the emulator, $4 the client; then the command. */
const ENTER = `
set -e
root=$1 task=$2 emulator=$3 client=$4
shift 4
mount --bind "$root" "$root"
cd "$root"
mount -t tmpfs -o mode=755 tmpfs var
mkdir var/task var/runtime
touch var/rie
mount --bind "$task" var/task
mount -o remount,bind,ro var/task
mount --bind "$client" var/runtime
mount --bind "$emulator" var/rie
mount -o remount,ro var
mount -o remount,bind,ro .
mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs -o mode=1777,size=512m tmpfs tmp
exec chroot --userspec=993:990 . /bin/sh -c 'cd /var/task; exec "$@"' sh "$@"
`;

export class Lambda {
  readonly #address: string;
  readonly #program: Program;

  private constructor(address: string, program: Program) {
    this.#address = address;
    this.#program = program;
  }

  /** @param task - What is deployed, with its node_modules. */
  static async start(task: Project, handler: string, env: NodeJS.ProcessEnv): Promise<Lambda> {
    const [address, runtime] = [await freeAddress(), await freeAddress()];
    const addresses = [
      `--runtime-interface-emulator-address=${address}`,
      `--runtime-api-address=${runtime}`,
    ];
    const client = '/var/runtime/node_modules/aws-lambda-ric/index.mjs';
    const command = ['/var/rie', ...addresses, '/usr/local/bin/node', client, handler];
    const folders = [nodeRoot, task.folder, emulator, lambdaClient];
    const program = task.start(
      '/usr/bin/unshare',
      ['--mount', '/bin/sh', '-c', ENTER, 'sh', ...folders, ...command],
      {
        PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
        LAMBDA_TASK_ROOT: '/var/task',
        ...env,
      },
    );
    return new Lambda(address, program);
  }

  /** What the function answers, which is started by the first invocation. */
  async invoke(event: object): Promise<Record<string, unknown>> {
    const url = `http://${this.#address}/2015-03-31/functions/function/invocations`;
    const body = JSON.stringify(event);
    for (const end = Date.now() + LIMIT_MS; ;) {
      try {
        const response = await fetch(url, { method: 'POST', body });
        const answer = (await response.json()) as Record<string, unknown>;
        assert.equal(answer['errorMessage'], undefined, JSON.stringify(answer, null, 2));
        return answer;
      } catch (error) {
        // It does not listen yet.
        if (!(error instanceof TypeError) || Date.now() > end) throw error;
        await delay(100);
      }
    }
  }

  end(): Promise<void> {
    return this.#program.end();
  }
}
