import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process';

export type Methods = Record<string, (data: never) => unknown>;

export interface Rpc {
  call(method: string, data?: unknown): Promise<unknown>;
}

export class Namespace {
  readonly name: string;
  static open(options?: { nameserver?: string }): Namespace;
  ip(...args: string[]): string;
  spawn(program: string, args: string[]): ChildProcessWithoutNullStreams;
  fork(
    script: string,
    args: string[],
    methods?: Methods,
  ): Promise<{ child: ChildProcess; rpc: Rpc }>;
  close(): Promise<void>;
}

export interface End {
  namespace: Namespace;
  name: string;
  addresses: string[];
}

export function join(one: End, other: End): void;
