// Types of clips.mjs.
export function clip(name: string, ...args: (string | string[])[]): Promise<string>;
export function packetSums(file: string, kind: 'v' | 'a'): Promise<string[]>;
export function copied(file: string, ...output: string[]): Promise<Buffer>;
export const picture: (colour: string, seconds: number, rate?: number) => string[];
export const pattern: (seconds: number) => string[];
export const tone: (seconds: number) => string[];
