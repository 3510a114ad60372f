// What docs/deploying.md tells to write down.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './tarballs.js';

export const guide = readFileSync(path.join(root, 'docs', 'deploying.md'), 'utf8');

/** The one code block of a language that matches, without the indentation of the list that it is in. */
export function blockOfGuide(language: string, pattern = /(?:)/): string {
  const blocks = [...guide.matchAll(/^( *)```(\S*)\n([^]*?)^\1```$/gm)]
    .filter(([, , name]) => name === language)
    .map(([, indent = '', , text = '']) => text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))
    .filter((text) => pattern.test(text));
  const [block] = blocks;
  if (block === undefined || blocks.length > 1) {
    throw new Error(`docs/deploying.md: ${blocks.length} blocks of ${language} with ${pattern}`);
  }
  return block;
}
