/** Modules that a library requires at once and uses only for what is never asked of it here: loaded when they are first used. */
import { existsSync } from "node:fs";
import Module, { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** Where a package is found by a package that is found by another one, and so on. */
export function foundBy(...packages: readonly string[]): string {
  return packages.reduce((from, name) => createRequire(from).resolve(name), import.meta.filename);
}

/** Whoever requires this CommonJS module gets a stand-in, which loads it with the first call of it, or the first look at what it exports. */
export function postpone(path: string): void {
  if (require.cache[path] || !existsSync(path)) return;
  const standIn = new Module(path);
  const real = (): object => {
    if (require.cache[path] === standIn) delete require.cache[path];
    return require(path);
  };
  standIn.filename = path;
  standIn.loaded = true;
  standIn.exports = new Proxy(() => undefined, {
    apply: (_, self, given) => Reflect.apply(real() as () => unknown, self, given),
    // Compiled TypeScript looks whether it is an ES module at once.
    get: (_, name) => (name === "__esModule" ? undefined : Reflect.get(real(), name)),
  });
  require.cache[path] = standIn;
}
