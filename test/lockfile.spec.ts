/** Guards the promise that a fresh clone installs: `npm ci` refuses a lockfile that names an optional package and does not list it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Lockfile {
  packages: Record<string, { optionalDependencies?: Record<string, string> }>;
}

const { packages } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8')) as Lockfile;

/** Where npm would look for `name` from the package at `from`: in its own node_modules, then in each one further up. */
function places(from: string, name: string): string[] {
  const folders = from
    .split('/node_modules/')
    .map((_, depth, parts) => parts.slice(0, depth + 1).join('/node_modules/'));
  return [...folders.filter((folder) => folder !== ''), ''].map(
    (folder) => `${folder ? `${folder}/` : ''}node_modules/${name}`,
  );
}

it('lists every optional package that it names, also those of other platforms', () => {
  const missing = Object.entries(packages).flatMap(([from, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !places(from, name).some((place) => place in packages))
      .map((name) => `${name}, named by ${from || 'package.json'}`),
  );
  expect(missing).toEqual([]);
});
