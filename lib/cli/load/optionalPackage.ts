// Packages that the user installs beside this one, where they are wanted.
import { createRequire } from 'node:module';

/** Requires one, as this package or the working directory sees it; undefined where it is not installed. */
export function optionalPackage(name: string): unknown {
  for (const from of [import.meta.url, `${process.cwd()}/load.js`]) {
    try {
      return createRequire(from)(name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  return undefined;
}
