// Carries out the steps of a Dockerfile in folders, and runs what they make: nothing here has a daemon for it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { commandInRoot } from '../../../scripts/lib/debian-root.mjs';
import type { Project, Run } from './project.js';

type Image = {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  workdir: string;
  user: string;
  command: string[];
};

export type Build = {
  /** The folder that is given to it, which COPY copies from; its registry is the one that is seen inside. */
  readonly context: Project;
  /** What is left out of the context. */
  readonly ignored: readonly string[];
  /** Images by their names, each as the folder of its root. */
  readonly bases: Readonly<Record<string, string>>;
};

/** The instructions, each with its words: lines that end with a backslash go on. */
function instructionsOf(dockerfile: string): [name: string, rest: string][] {
  return dockerfile
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
      return [name.toUpperCase(), rest];
    });
}

export class Container {
  readonly #build: Build;
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), 'mscp-images-'));
  readonly #stages: Image[] = [];
  readonly #names = new Map<string, Image>();

  constructor(build: Build) {
    this.#build = build;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Where the last stage has its files. */
  get root(): string {
    return this.#image.root;
  }

  async build(dockerfile: string): Promise<void> {
    for (const [name, rest] of instructionsOf(dockerfile)) await this.#carryOut(name, rest);
  }

  /** Runs it as a container of the image, whose first process is what CMD names. */
  run(env: NodeJS.ProcessEnv): Promise<Run> {
    return this.#run(this.#image.command, env, ['--pid', '--fork', '--kill-child']);
  }

  get #image(): Image {
    const image = this.#stages.at(-1);
    assert.ok(image, 'FROM comes first');
    return image;
  }

  async #carryOut(name: string, rest: string): Promise<void> {
    const words = rest.split(/\s+/);
    switch (name) {
      case 'FROM':
        this.#from(words);
        return;
      case 'WORKDIR':
        this.#image.workdir = path.posix.resolve(this.#image.workdir, rest);
        mkdirSync(this.#inside(this.#image, '.'), { recursive: true });
        return;
      case 'COPY':
        this.#copy(words);
        return;
      case 'ENV':
        for (const word of words) {
          const [, variable = '', value = ''] = /^(\w+)=(.*)$/.exec(word) ?? [];
          assert.ok(variable, `ENV ${rest}`);
          this.#image.env[variable] = value;
        }
        return;
      case 'RUN': {
        const { code, stdout, stderr } = await this.#run(['/bin/sh', '-c', rest], {});
        assert.equal(code, 0, `RUN ${rest}\n${stdout}\n${stderr}`);
        return;
      }
      case 'USER':
        this.#image.user = rest;
        return;
      case 'CMD':
        this.#image.command = JSON.parse(rest) as string[];
        return;
      default:
        assert.fail(`this knows nothing of ${name} ${rest}`);
    }
  }

  #from([base = '', as, name = '']: string[]): void {
    const root = path.join(this.#folder, String(this.#stages.length));
    const from = this.#build.bases[base];
    assert.ok(from, `FROM ${base}: there is no such image`);
    // With owners, and with what is no file.
    execFileSync('cp', ['--archive', from, root]);
    const image = { root, env: {}, workdir: '/', user: 'root', command: [] };
    this.#stages.push(image);
    if (as?.toUpperCase() === 'AS') this.#names.set(name, image);
  }

  #copy(words: string[]): void {
    const stage = /^--from=(.*)$/.exec(words[0] ?? '')?.[1];
    const [target = '', ...sources] = (stage === undefined ? words : words.slice(1)).reverse();
    const from = stage === undefined ? undefined : this.#names.get(stage);
    assert.ok(stage === undefined || from, `COPY --from=${stage}: there is no such stage`);
    const { context, ignored } = this.#build;
    const to = this.#inside(this.#image, target);
    const isFolder = (file: string) => existsSync(file) && statSync(file).isDirectory();
    for (const source of sources) {
      const file = from ? this.#inside(from, source) : path.join(context.folder, source);
      assert.ok(existsSync(file), `COPY: there is no ${source}`);
      // Of a folder what is in it, and of a file itself.
      const isInto = !isFolder(file) && (target.endsWith('/') || isFolder(to));
      cpSync(file, isInto ? path.join(to, path.basename(file)) : to, {
        recursive: true,
        verbatimSymlinks: true,
        preserveTimestamps: true,
        filter: (name) =>
          from !== undefined || !ignored.includes(path.relative(context.folder, name)),
      });
    }
  }

  #inside({ root, workdir }: Image, file: string): string {
    return path.join(root, path.posix.resolve(workdir, file));
  }

  #run(
    [command = '', ...args]: string[],
    env: NodeJS.ProcessEnv,
    flags: readonly string[] = [],
  ): Promise<Run> {
    const { root, workdir, user, env: own } = this.#image;
    const home = user === 'root' ? '/root' : `/home/${user}`;
    const [program, words] = commandInRoot(root, [], workdir, command, args, user) as [
      string,
      string[],
    ];
    return this.#build.context.run(program, [...flags, ...words], {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: home,
      ...own,
      ...env,
    });
  }
}
