// What only debuggers read, in a file of its own beside what is shipped.
import path from 'node:path';

/** Takes the symbols out of `file` into `file.debug`, which the build id and a link name. */
export async function separateSymbols(target, file, log) {
  const cwd = path.dirname(file);
  const name = path.basename(file);
  const debug = `${name}.debug`;
  const options = { cwd, log, env: { ...process.env, ...target.environment } };
  const objcopy = (...args) => target.run(target.tool('objcopy'), args, options);
  await objcopy('--only-keep-debug', '--compress-debug-sections', name, debug);
  await objcopy(
    '--strip-unneeded',
    '--remove-section=.comment',
    `--add-gnu-debuglink=${debug}`,
    name,
  );
}
