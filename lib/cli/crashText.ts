import type { Crash } from './crash.js';
import { table, visible } from './table.js';

/** Says in words what a report of a crash tells. */
export function crashText({
  what,
  cure,
  message,
  where,
  goroutines,
  versions,
  attach,
}: Crash): string {
  const sections = [`What happened\n  ${what}${message ? `\n  Go said: ${visible(message)}` : ''}`];
  if (where.length > 0) {
    const most = `of ${goroutines} goroutines`;
    sections.push(
      `Where (innermost first, ${most})\n${where.map((name) => `  ${visible(name)}`).join('\n')}`,
    );
  }
  const known = Object.entries(versions);
  if (known.length > 0) sections.push(`Versions\n${table(known)}`);
  sections.push(`What to do\n  ${cure}`);
  if (attach.length > 0) {
    sections.push(
      `What to attach\n${attach.map((item) => `  ${visible(item)}`).join('\n')}\n` +
        '  The report has no environment, command line or passwords, but names of files and hosts may be in it: look through it first.',
    );
  }
  return sections.join('\n\n');
}
