// A cluster of one node, which is a machine: etcd and containerd of Debian, and Kubernetes.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { kubernetesDir } from '../../../scripts/lib/kubernetes.mjs';
import { until } from '../../e2e/session.js';
import { PAUSE } from './engine.js';
import { ADDRESS, REGISTRY } from './machine.js';
import type { Machine } from './machine.js';

const NODE = 'node';
const RUNTIME = '/run/containerd/containerd.sock';
const TOKEN = 'administrator';
const SERVER = `https://${ADDRESS}:6443`;

/** As the kubelet would set them: for the whole host, which is not the test's, so that it finds them set. */
const KERNEL = { 'vm/overcommit_memory': 1, 'kernel/panic': 10, 'kernel/panic_on_oops': 1 };

const containerd = (folder: string, snapshotter: string) => `version = 2
root = "${folder}/containerd"
[plugins."io.containerd.internal.v1.opt"]
  path = "${folder}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE}"
  restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "${snapshotter}"
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "${folder}/cni"
[plugins."io.containerd.grpc.v1.cri".registry.mirrors."${REGISTRY}"]
  endpoint = ["http://${REGISTRY}"]
`;

const network = {
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'pods',
      isGateway: true,
      ipam: {
        type: 'host-local',
        routes: [{ dst: '0.0.0.0/0' }],
        ranges: [[{ subnet: '10.89.0.0/16' }]],
      },
    },
  ],
};

const kubelet = {
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: 'AlwaysAllow' },
  cgroupDriver: 'cgroupfs',
  containerRuntimeEndpoint: `unix://${RUNTIME}`,
  enforceNodeAllocatable: [],
  failCgroupV1: false,
  failSwapOn: false,
  makeIPTablesUtilChains: false,
  oomScoreAdj: 0,
  // How full the host's disk is, is not the test's.
  evictionHard: { 'nodefs.available': '0%', 'nodefs.inodesFree': '0%', 'imagefs.available': '0%' },
  imageGCHighThresholdPercent: 100,
};

const access = {
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'here', cluster: { server: SERVER, 'insecure-skip-tls-verify': true } }],
  users: [{ name: 'us', user: { token: TOKEN } }],
  contexts: [{ name: 'here', context: { cluster: 'here', user: 'us' } }],
  'current-context': 'here',
};

/** Starts one, and resolves to the environment that kubectl has for it once pods can run there. */
export async function startCluster(machine: Machine): Promise<NodeJS.ProcessEnv> {
  const { folder } = machine;
  const json = (name: string, content: object) => machine.write(name, JSON.stringify(content));
  const kubeconfig = json('kubeconfig', access);
  const env = { KUBECONFIG: kubeconfig, PATH: `${kubernetesDir}:${process.env['PATH'] ?? ''}` };
  const kubectl = (...args: string[]) => machine.run('kubectl', args, { env });
  const start = (command: string, ...args: string[]) =>
    machine.start(command, command, args, { env });

  for (const [name, value] of Object.entries(KERNEL)) {
    const file = machine.write(path.join('kernel', name), `${value}\n`);
    await machine.run('mount', ['--bind', file, `/proc/sys/${name}`]);
  }
  json('cni/pods.conflist', network);
  const settings = machine.write('containerd.toml', containerd(folder, await snapshotter(machine)));
  start('containerd', '--config', settings);
  start('etcd', '--data-dir', path.join(folder, 'etcd'));
  const key = path.join(folder, 'accounts.key');
  execFileSync('openssl', ['genrsa', '-out', key, '2048'], { stdio: 'ignore' });
  start(
    'kube-apiserver',
    `--advertise-address=${ADDRESS}`,
    `--cert-dir=${folder}/certificates`,
    '--etcd-servers=http://127.0.0.1:2379',
    // Its name is known to no one.
    '--kubelet-preferred-address-types=InternalIP',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    `--token-auth-file=${machine.write('tokens', `${TOKEN},us,us,system:masters\n`)}`,
  );
  const succeeds = async (what: string, ...args: string[]) => {
    let failure: unknown;
    const done = () =>
      kubectl(...args).then(
        () => true,
        (error: unknown) => {
          failure = error;
          return false;
        },
      );
    await until(what, done, { timeoutMs: 300_000, everyMs: 1000 }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${String(failure)}\n${machine.logs()}`);
    });
  };
  const plugins = path.join(folder, 'plugins');
  await succeeds('an API server', 'get', '--raw=/readyz');
  start('kube-scheduler', `--kubeconfig=${kubeconfig}`, '--leader-elect=false');
  start(
    'kube-controller-manager',
    `--flex-volume-plugin-dir=${plugins}`,
    `--kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
    `--service-account-private-key-file=${key}`,
  );
  start(
    'kubelet',
    `--config=${json('kubelet.json', { ...kubelet, volumePluginDir: plugins })}`,
    `--hostname-override=${NODE}`,
    `--kubeconfig=${kubeconfig}`,
    `--node-ip=${ADDRESS}`,
  );
  await succeeds('a node', 'wait', '--for=condition=Ready', '--timeout=10s', `node/${NODE}`);
  await succeeds('an account for pods', 'get', 'serviceaccount', 'default');
  return env;
}

/** Where the folder's file system is an overlay itself, as a container's is, it can't be beneath others. */
async function snapshotter(machine: Machine): Promise<string> {
  const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((name) =>
    path.dirname(machine.write(path.join('overlay', name, 'file'), '')),
  );
  const layers = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  const words = ['-t', 'overlay', 'overlay', '-o', layers, String(merged)];
  return await machine.run('mount', words).then(
    () => 'overlayfs',
    () => 'native',
  );
}
