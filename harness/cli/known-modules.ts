/**
 * Resolves modules without touching the disk. For each import, Node determines the file's real path, its package and its format; a command has some three
 * hundred imports. Those in this package and in zod name their files exactly, and are all ES modules.
 */
import { registerHooks } from "node:module";

interface Known {
  url: string;
  format: "module" | "module-typescript";
}

interface Package {
  /** URL of its folder, with a slash at the end. */
  folder: string;
  extension: ".js" | ".ts";
}

const own: Package = { folder: new URL("../", import.meta.url).href, extension: import.meta.url.endsWith(".ts") ? ".ts" : ".js" };
const zod: Package = { folder: new URL("./", import.meta.resolve("zod")).href, extension: ".js" };
/** zod's messages in fifty languages, which forwardlab does not use: a quarter of the code that a command loads. */
const languages = `${zod.folder}v4/locales/index.js`;
const nothing: Known = { url: "data:text/javascript,", format: "module" };

/** Undefined: Node must resolve it. */
export function knownModule(specifier: string, importer: string | undefined): Known | undefined {
  if (importer === undefined || !/^\.\.?\//.test(specifier)) return undefined;
  const within = [own, zod].find(({ folder, extension }) => importer.startsWith(folder) && specifier.endsWith(extension));
  if (!within) return undefined;
  const { href: url } = new URL(specifier, importer);
  if (url === languages) return nothing;
  return url.startsWith(within.folder) ? { url, format: within.extension === ".ts" ? "module-typescript" : "module" } : undefined;
}

/** Applies to modules that are imported from now on. */
export function useKnownModules(): void {
  registerHooks({
    resolve: (specifier, context, next) => {
      const known = knownModule(specifier, context.parentURL);
      return known ? { ...known, shortCircuit: true } : next(specifier, context);
    },
  });
}
