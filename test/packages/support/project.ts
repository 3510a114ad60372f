// An empty folder of a user, in which nothing can be run but Node.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { packageManager } from '../../../scripts/lib/package-managers.mjs';

const apps = path.resolve(import.meta.dirname, '../apps');

/** An installation, or a session under an emulator, takes a fraction of it, also on a machine that is busy. */
const LIMIT_MS = 600_000;

export type Run = { code: number | null; stdout: string; stderr: string };

export class Project {
  readonly folder: string;
  readonly #registry: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #node: string;

  /**
   * @param registry - Where packages come from.
   * @param node - The program that is Node there.
   */
  constructor(registry: string, node = process.execPath) {
    this.folder = mkdtempSync(path.join(os.tmpdir(), 'mscp-install-'));
    this.#registry = registry;
    this.#node = node;
    const bin = path.join(this.folder, 'bin');
    const home = path.join(this.folder, 'home');
    for (const name of [bin, home]) mkdirSync(name);
    symlinkSync(node, path.join(bin, 'node'));
    this.#env = { PATH: bin, HOME: home, npm_config_registry: registry, CI: 'true' };
    const settings = ['audit=false', 'fund=false', 'update-notifier=false'];
    this.write('.npmrc', [`registry=${registry}/`, ...settings, ''].join('\n'));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  write(name: string, content: string | object): void {
    const text = typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`;
    const file = path.join(this.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** The package.json of an app that depends on what is published. */
  dependOn(dependencies: Record<string, string>, more: object = {}): void {
    this.write('package.json', {
      name: 'app',
      version: '1.0.0',
      private: true,
      dependencies,
      ...more,
    });
  }

  /** What Yarn 4 takes to install here. */
  setUpYarn4(linker: string): void {
    const settings = [
      `nodeLinker: ${linker}`,
      `npmRegistryServer: ${this.#registry}`,
      'unsafeHttpWhitelist: [127.0.0.1]',
      'enableTelemetry: false',
      'enableGlobalCache: false',
      'enableImmutableInstalls: false',
      '',
    ];
    this.write('.yarnrc.yml', settings.join('\n'));
    this.write('yarn.lock', '');
  }

  /** Copies an app of test/packages/apps, or another file, into the folder. */
  add(name: string, from = path.join(apps, name)): string {
    const file = path.join(this.folder, name);
    cpSync(from, file);
    return file;
  }

  node(...args: string[]): Promise<Run> {
    return this.run(this.#node, args);
  }

  /** Runs a package manager that is a script for Node. */
  async manage(name: string, ...args: string[]): Promise<void> {
    const { code, stdout, stderr } = await this.node(packageManager(name), ...args);
    assert.equal(code, 0, `${name} ${args.join(' ')}\n${stdout}\n${stderr}`);
  }

  run(
    program: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    cwd = this.folder,
  ): Promise<Run> {
    return this.start(program, args, env, cwd).ended;
  }

  /** Starts a program that may go on for long. */
  start(
    program: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    cwd = this.folder,
  ): Program {
    return new Program(program, args, { cwd, env: { ...this.#env, ...env } });
  }
}

export class Program {
  /** Rejects if it could not be started. */
  readonly ended: Promise<Run>;
  readonly #child: ChildProcess;
  readonly #output = { stdout: '', stderr: '' };

  constructor(program: string, args: readonly string[], options: SpawnOptions) {
    const child = spawn(program, args, {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ended together with what it starts.
      detached: true,
    });
    this.#child = child;
    const limit = setTimeout(() => this.#kill(), LIMIT_MS);
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        this.#output[name] += text;
        child.emit('text');
      });
    }
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        clearTimeout(limit);
        resolve({ code, ...this.#output });
      });
    });
  }

  /** Resolves when its output has the words. */
  async says(words: RegExp): Promise<void> {
    const ended = this.ended.then(({ code, stdout, stderr }) => {
      throw new Error(`ended with ${code} before ${words}\n${stdout}\n${stderr}`);
    });
    // It ends at some time after it was waited for.
    ended.catch(() => undefined);
    while (!words.test(this.#output.stdout)) {
      await Promise.race([once(this.#child, 'text'), ended]);
    }
  }

  async end(): Promise<void> {
    this.#kill();
    await this.ended;
  }

  #kill(): void {
    try {
      process.kill(-Number(this.#child.pid), 'SIGKILL');
    } catch {
      // All of them have ended.
    }
  }
}

/** What the apps print. */
export function answerOf({ code, stdout, stderr }: Run): Record<string, unknown> {
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}
