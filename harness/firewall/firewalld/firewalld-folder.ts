/** A copy of /etc/firewalld: which of its files firewalld reads. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import type { AllowedFolders } from "../../files/allowed-folders.ts";
import { displayPath, outsideError } from "../file-paths.ts";
import type { FirewallFile } from "../firewall-files.ts";
import { readFirewallFile } from "../read-firewall-file.ts";

const files = ["firewalld.conf", "direct.xml"];
const folders = ["zones", "policies", "services", "ipsets", "helpers", "icmptypes"];

/** Is the folder a copy of /etc/firewalld, or a part of one? */
export function isFirewalldFolder(path: string): boolean {
  return isFolder(path) && (files.some((name) => existsSync(join(path, name))) || isFolder(join(path, "zones")));
}

/**
 * What firewalld reads, by its path in the folder. Backups (`public.xml.old`) and the lockdown's list are not among it.
 * @throws UserError `firewall-file` for one that cannot be read, or that leads elsewhere
 */
export function readFirewalldFolder(folder: string, base: string, allowed: AllowedFolders): Record<string, FirewallFile> {
  const paths = [...files.filter((name) => existsSync(join(folder, name))), ...folders.flatMap((name) => settingsIn(folder, name))];
  return Object.fromEntries(
    paths.map((path) => {
      const full = join(folder, path);
      const display = displayPath(full, base);
      if (!allowed.hold(full)) throw outsideError("firewall-file", display);
      return [path, { content: readFirewallFile(full, display).content, display, settings: true } as const];
    }),
  );
}

/** Zones in a folder of their own, too: they are parts of one zone. */
function settingsIn(folder: string, name: string): string[] {
  const full = join(folder, name);
  if (!isFolder(full)) return [];
  return readdirSync(full)
    .sort()
    .flatMap((entry) => {
      const path = posix.join(name, entry);
      if (name === "zones" && isFolder(join(full, entry))) return xmlIn(join(full, entry)).map((file) => posix.join(path, file));
      return entry.endsWith(".xml") ? [path] : [];
    });
}

function xmlIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((entry) => entry.endsWith(".xml"))
    .sort();
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
