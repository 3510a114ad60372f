// Podman in a machine, and a registry there that has what images of the guide are named after.
import fs from 'node:fs';
import path from 'node:path';
import { until } from '../../e2e/session.js';
import { REGISTRY } from './machine.js';
import type { Machine, Options } from './machine.js';

/** What runs beside the containers of a pod: it holds their namespaces. */
export const PAUSE = `${REGISTRY}/pause:1`;
const pauseFile = (base: string) => `FROM ${base}
ENTRYPOINT ["sh", "-c", "trap exit TERM; while sleep 1; do :; done"]
`;

export class Engine {
  readonly #machine: Machine;
  readonly env: NodeJS.ProcessEnv;

  private constructor(machine: Machine) {
    this.#machine = machine;
    const containers = [
      '[containers]',
      // Which what builds has, too.
      'netns = "host"',
      `default_ulimits = ${JSON.stringify(limits())}`,
      '[network]',
      'network_backend = "cni"',
      `network_config_dir = "${machine.folder}/networks"`,
      '[engine]',
      'cgroup_manager = "cgroupfs"',
      'events_logger = "file"',
      'runtime = "runc"',
      `infra_image = "${PAUSE}"`,
    ];
    const registries = ['[[registry]]', `location = "${REGISTRY}"`, 'insecure = true'];
    const write = (name: string, lines: string[]) => machine.write(name, `${lines.join('\n')}\n`);
    this.env = {
      CONTAINERS_CONF: write('containers.conf', containers),
      CONTAINERS_REGISTRIES_CONF: write('registries.conf', registries),
    };
  }

  /** @param base - An image by its name, the folder of its root, and what its npm asks for packages. */
  static async open(
    machine: Machine,
    base: { name: string; root: string; npmRegistry: string },
  ): Promise<Engine> {
    const engine = new Engine(machine);
    const registry = {
      version: '0.1',
      storage: { filesystem: { rootdirectory: path.join(machine.folder, 'registry') } },
      http: { addr: `${REGISTRY}:80` },
    };
    const settings = machine.write('registry.json', JSON.stringify(registry));
    machine.start('registry', 'docker-registry', ['serve', settings]);
    await until('a registry', () =>
      machine.run('curl', ['--silent', `http://${REGISTRY}/`]).then(
        () => true,
        () => false,
      ),
    );

    machine.write('base/usr/local/etc/npmrc', `registry=${base.npmRegistry}/\n`);
    const pack = `tar -c -C ${base.root} . -C ${machine.folder}/base usr/local/etc/npmrc`;
    const change = "-c 'ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'";
    await engine.type(`${pack} | podman import --quiet ${change} - ${base.name}`);
    machine.write('pause/Containerfile', pauseFile(base.name));
    await engine.type(`podman build --quiet --tag ${PAUSE} pause && podman push ${PAUSE}`);
    return engine;
  }

  /** What a line prints that is typed in a shell. */
  type(line: string, { env = {}, ...options }: Options = {}): Promise<string> {
    return this.#machine.run('sh', ['-ec', line], { env: { ...this.env, ...env }, ...options });
  }
}

/** Those of this process: podman would have more, which not every machine lets it. */
function limits(): string[] {
  const text = fs.readFileSync('/proc/self/limits', 'utf8');
  return Object.entries({ nofile: 'Max open files', nproc: 'Max processes' }).map(
    ([name, line]) => {
      const [, hard = ''] = new RegExp(`^${line} +\\S+ +(\\S+)`, 'm').exec(text) ?? [];
      const limit = hard === 'unlimited' ? '-1' : hard;
      return `${name}=${limit}:${limit}`;
    },
  );
}
