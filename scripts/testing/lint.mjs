// Format, lint and types of all that is written here.
import { buildTags, goEnv } from '../lib/go-env.mjs';
import { run, textOf } from '../lib/lanes.mjs';
import { filesIn } from './files.mjs';
import { go } from './go.mjs';

const STATICCHECK = 'honnef.co/go/tools/cmd/staticcheck@v0.8.2';
const GOFUMPT = 'mvdan.cc/gofumpt@v0.12.0';

export async function lint() {
  const formatted = ['internal', 'goexport', 'bench', 'test'];
  const unformatted = await textOf('go', ['run', GOFUMPT, '-l', ...formatted], goEnv());
  if (unformatted.trim()) {
    throw new Error(`not formatted (go run ${GOFUMPT} -w …):\n${unformatted}`);
  }
  await go('vet', './...');
  for (const GOOS of ['darwin', 'windows']) await vetWithoutC(GOOS);
  await go('run', STATICCHECK, './...');
  // What only the library of tests has.
  const hooks = `-tags=${buildTags},hooks`;
  await go('vet', hooks, './internal/...', './goexport');
  await go(
    'run',
    STATICCHECK,
    hooks,
    './internal/av',
    './internal/hooks/...',
    './internal/service',
  );
  await run(process.execPath, ['scripts/clang-tidy.mjs']);
  await run('clang-format', [
    '--dry-run',
    '--Werror',
    ...filesIn('src', /\.(cc|h)$/),
    ...filesIn('bench/waist', /\.(cc|h)$/),
    ...filesIn('test/windows/support', /\.c$/),
  ]);
  await run('npm', ['run', '--silent', 'lint']);
  await run(process.execPath, ['scripts/licenses.mjs', '--check']);
}

/** What needs no C compiler is vetted for platforms that are built from source only, too. */
function vetWithoutC(GOOS) {
  const names = 'congestion core crash errno fetch media peer recovery scalability wire'.split(' ');
  const packages = names.map((name) => `./internal/${name}/...`);
  return run('go', ['vet', ...packages], { ...goEnv(), GOOS, CGO_ENABLED: '0' });
}
