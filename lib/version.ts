import { createRequire } from 'node:module';

// The build defines it from package.json, which is the one source of the version.
declare const PACKAGE_VERSION: string | undefined;

/** This package's version, as its package.json has it. */
export const version: string =
  typeof PACKAGE_VERSION === 'string'
    ? PACKAGE_VERSION
    : (createRequire(import.meta.url)('../package.json') as { version: string }).version;
