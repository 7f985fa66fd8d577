/** A copy of /etc/ufw as what ufw would give iptables-restore: its own chains around the user's files. Reads files, runs nothing. */
import { existsSync, statSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import type { Family } from "../../core/address.ts";
import { enumerated } from "../../core/enumerated.ts";
import { UserError } from "../../core/errors.ts";
import { faultOf } from "../../core/fault.ts";
import { warning } from "../../core/warning.ts";
import type { AllowedFolders } from "../../files/allowed-folders.ts";
import { ChainBook } from "../chain-book.ts";
import { displayPath, outsideError } from "../file-paths.ts";
import type { FirewallFile, IptablesFirewall } from "../firewall-files.ts";
import { readIptablesRules } from "../iptables-rules.ts";
import type { SourceText } from "../nft-tokens.ts";
import { readFirewallFile } from "../read-firewall-file.ts";
import { toldOf } from "../told-places.ts";
import { closedFamily, type InitLine, initRules } from "./init-rules.ts";
import { defaultPolicies, isYes, readUfwSettings } from "./ufw-settings.ts";
import { sysctlWarnings } from "./ufw-sysctl.ts";

/** Where ufw has them, and the lab for the time of loading. */
const labFolder = "/etc/ufw";

/** Is the folder a copy of /etc/ufw, or a part of one? */
export function isUfwFolder(path: string): boolean {
  return (
    statSync(path, { throwIfNoEntry: false })?.isDirectory() === true &&
    ["ufw.conf", "user.rules", "before.rules", "after.rules"].some((name) => existsSync(join(path, name)))
  );
}

/**
 * @param folder absolute
 * @param base that shown paths are relative to
 * @param more `sysctl`: names of kernel settings that the lab's host has anyway
 * @throws UserError `firewall-file` for files that are missing or cannot be read, `firewall-ufw` for settings that ufw would not take
 */
export function ufwFirewall(
  folder: string,
  base: string,
  allowed: AllowedFolders,
  { sysctl = [] }: { sysctl?: readonly string[] } = {},
): IptablesFirewall {
  return new UfwFolder(folder, base, allowed).firewall(sysctl);
}

class UfwFolder {
  readonly #folder: string;
  readonly #base: string;
  readonly #allowed: AllowedFolders;
  readonly #firewall: IptablesFirewall = { kind: "iptables", files: {}, sequence: {}, warnings: [], rules: [], objects: [] };

  constructor(folder: string, base: string, allowed: AllowedFolders) {
    this.#folder = folder;
    this.#base = base;
    this.#allowed = allowed;
  }

  firewall(sysctl: readonly string[]): IptablesFirewall {
    this.#requireAll();
    const defaults = this.#read(this.#defaultsPath(), "/etc/default/ufw");
    const conf = this.#own("ufw.conf");
    const settings = readUfwSettings([defaults, conf]);
    const enabled = settings.get("ENABLED");
    if (!isYes(enabled)) {
      const { file, line } = enabled?.place ?? { file: conf.display, line: undefined };
      this.#firewall.warnings.push(warning("ufw-not-enabled", {}, { file, ...(line === undefined ? {} : { line }) }));
      return this.#firewall;
    }
    const place = enabled?.place ?? { file: conf.display };
    const policies = defaultPolicies(settings, defaults.display);
    const ipv6 = settings.get("IPV6");
    this.#family(4, initRules(4, policies, place));
    if (isYes(ipv6)) this.#family(6, initRules(6, policies, place));
    else {
      this.#load(6, [this.#made(6, "closed", closedFamily(ipv6?.place ?? { file: defaults.display }))]);
      this.#noteUnused(["before6.rules", "after6.rules", "user6.rules"]);
    }
    for (const hook of ["before.init", "after.init"]) this.#scriptWarning(hook);
    if (settings.get("IPT_SYSCTL")?.value === posix.join(labFolder, "sysctl.conf") && existsSync(join(this.#folder, "sysctl.conf")))
      this.#firewall.warnings.push(...sysctlWarnings(this.#own("sysctl.conf"), sysctl));
    return this.#firewall;
  }

  /** A copy of only the edited files lacks several others: all are reported at once. */
  #requireAll(): void {
    const conf = { path: join(this.#folder, "ufw.conf"), labPath: posix.join(labFolder, "ufw.conf") };
    const defaults = { path: this.#defaultsPath(), labPath: "/etc/default/ufw" };
    const main = [conf, defaults];
    const isThere = ({ path }: { path: string }) => existsSync(path);
    const settings = readUfwSettings(main.filter(isThere).map(({ path, labPath }) => this.#read(path, labPath)));
    const off = isThere(conf) && !isYes(settings.get("ENABLED"));
    const families = isThere(defaults) && !isYes(settings.get("IPV6")) ? [""] : ["", "6"];
    const rules = families.flatMap((six) => ["before", "after", "user"].map((name) => `${name}${six}.rules`));
    const wanted = [
      ...main,
      ...(off ? [] : rules.map((name) => ({ path: join(this.#folder, name), labPath: posix.join(labFolder, name) }))),
    ];
    const missing = wanted.filter((each) => !isThere(each));
    if (missing.length > 0) throw this.#missing(missing);
  }

  #family(family: Family, { first, userChains, last }: ReturnType<typeof initRules>): void {
    const six = family === 4 ? "" : "6";
    this.#load(family, [
      this.#made(family, "first", first),
      this.#own(`before${six}.rules`),
      this.#own(`after${six}.rules`),
      this.#made(family, "user-chains", userChains),
      this.#own(`user${six}.rules`),
      this.#made(family, "last", last),
    ]);
  }

  #load(family: Family, sources: readonly (SourceText & { path: string })[]): void {
    const { files, rules, objects, sequence = {} } = this.#firewall;
    sequence[family] = sources.map(({ path }) => path);
    const book = new ChainBook();
    for (const source of sources) readIptablesRules(source, family === 4 ? "ip" : "ip6", book);
    const told = toldOf(files);
    rules.push(...book.positions().map(told));
    objects.push(...book.objects().map(told));
  }

  /** What ufw writes itself. */
  #made(family: Family, name: string, lines: readonly InitLine[]): SourceText & { path: string } {
    const path = posix.join(labFolder, `.forwardlab-${name}${family}`);
    const text = lines.map((line) => `${line.text}\n`).join("");
    this.#firewall.files[path] = { content: text, display: path, origins: lines.map(({ place }) => place) };
    return { path, display: path, text };
  }

  #own(name: string): SourceText & { path: string } {
    return this.#read(join(this.#folder, name), posix.join(labFolder, name));
  }

  /** Rules that take effect as soon as a setting is changed. */
  #noteUnused(names: readonly string[]): void {
    for (const name of names.filter((each) => existsSync(join(this.#folder, each)))) {
      const { path } = this.#own(name);
      this.#firewall.files[path] = { ...(this.#firewall.files[path] as FirewallFile), settings: true };
    }
  }

  #read(path: string, labPath: string): SourceText & { path: string } {
    const display = displayPath(path, this.#base);
    if (!this.#allowed.hold(path)) throw outsideError("firewall-file", display);
    const { content, text } = readFirewallFile(path, display);
    this.#firewall.files[labPath] = { content, display };
    return { path: labPath, display, text };
  }

  #missing(files: readonly { path: string; labPath: string }[]): UserError {
    const shown = files.map(({ path }) => displayPath(path, this.#base));
    const copies = files.map(({ labPath }) => labPath);
    return new UserError(
      "firewall-file",
      `${enumerated(shown)} ${shown.length === 1 ? "is" : "are"} missing; ufw does not start without ${shown.length === 1 ? "it" : "them"}`,
      {
        fault: faultOf("ufw-files-missing", { files: shown, copies }),
        place: { file: shown[0] as string },
        found: shown.length === 1 ? "no such file" : "no such files",
        expected: `${shown.length === 1 ? "a copy" : "copies"} of the server's ${enumerated(copies)}`,
        todo: "copy /etc/ufw as a whole, and /etc/default/ufw to `default/ufw` beside it; ufw before 0.35 keeps user.rules in /lib/ufw",
      },
    );
  }

  /** /etc/default/ufw: beside the copy of /etc/ufw as on the server, or in it. */
  #defaultsPath(): string {
    const beside = join(dirname(this.#folder), "default", "ufw");
    const inside = [join(this.#folder, "default", "ufw"), join(this.#folder, "default")];
    return [beside, ...inside].find((path) => statSync(path, { throwIfNoEntry: false })?.isFile()) ?? beside;
  }

  #scriptWarning(name: string): void {
    const path = join(this.#folder, name);
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
    if ((mode & 0o111) === 0) return;
    this.#firewall.warnings.push(warning("ufw-script-not-run", {}, { file: displayPath(path, this.#base) }));
  }
}
