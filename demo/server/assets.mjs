// The page's three files; its script is bundled with mediasoup-client when the demo starts.
import fs from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const inPage = (name) => fileURLToPath(new URL(`../page/${name}`, import.meta.url));

/** @returns {Promise<Map<string, { type: string, body: string | Uint8Array }>>} by path */
export async function loadAssets() {
  const [html, css, script] = await Promise.all([
    fs.readFile(inPage('index.html')),
    fs.readFile(inPage('page.css')),
    bundle(inPage('page.js')),
  ]);
  return new Map([
    ['/', { type: 'text/html; charset=utf-8', body: html }],
    ['/page.css', { type: 'text/css; charset=utf-8', body: css }],
    ['/page.js', { type: 'text/javascript; charset=utf-8', body: script }],
  ]);
}

async function bundle(entry) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0].contents;
}
