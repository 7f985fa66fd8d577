/** How this machine's apt reaches Debian: read from its own configuration, so that what we build uses the same mirror. */
import { readdirSync, readFileSync } from "node:fs";
import { run } from "./command.ts";

/** One `deb` line. */
export interface AptSource {
  uri: string;
  suite: string;
  components: string[];
}

export interface Mirror {
  /** Of the main archive, no trailing slash. */
  main: string;
  /** Of the security archive, when this machine has one configured. */
  security?: string;
}

/** Options that decide whether apt can reach its mirror at all; carried over to the base image. */
const CARRIED = /^Acquire::(?:http|https)::Proxy\b|^Acquire::Check-(?:Valid-Until|Date)\b|^Acquire::(?:http|https)::Verify-/;

/** One-line format, sources.list(5): `deb [ options ] uri suite [component...]`. Other lines are passed over. */
export function parseOneLine(text: string): AptSource[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s*)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (!match) return [];
    return [{ uri: tidy(match[1] as string), suite: match[2] as string, components: words(match[3]) }];
  });
}

/** deb822 format, sources.list(5): paragraphs of `Field: value` with continuation lines. Disabled paragraphs are passed over. */
export function parseDeb822(text: string): AptSource[] {
  const paragraphs = text.replace(/^#.*\n?/gm, "").split(/\n\s*\n/);
  return paragraphs.flatMap((paragraph) => {
    const fields = new Map<string, string>();
    for (const [, name, value] of paragraph.matchAll(/^([A-Za-z-]+):((?:.*)(?:\n[ \t]+.*)*)/gm)) {
      fields.set((name as string).toLowerCase(), value as string);
    }
    const enabled = !/^(no|false|0)$/i.test((fields.get("enabled") ?? "yes").trim());
    if (!enabled || !words(fields.get("types")).includes("deb")) return [];
    const components = words(fields.get("components"));
    return words(fields.get("uris")).flatMap((uri) => words(fields.get("suites")).map((suite) => ({ uri: tidy(uri), suite, components })));
  });
}

/** The Debian mirror among a machine's sources; undefined when none of them is Debian's (Ubuntu, only third parties). */
export function mirrorOf(sources: readonly AptSource[], codename: string): Mirror | undefined {
  const usable = sources.filter(({ uri, components }) => /^https?:|^mirror\+|^file:/.test(uri) && components.includes("main"));
  const main =
    usable.find(({ suite }) => suite === codename) ?? usable.find(({ suite }) => /^(old)*stable$|^testing$|^unstable$|^sid$/.test(suite));
  if (!main) return undefined;
  const security = usable.find(({ suite }) => suite.endsWith("-security"))?.uri;
  return security ? { main: main.uri, security } : { main: main.uri };
}

/** This machine's Debian mirror; undefined when it is not a Debian machine. */
export function machineMirror(root = "/etc"): Mirror | undefined {
  const release = read(`${root}/os-release`);
  if (!/^ID="?debian"?$/m.test(release)) return undefined;
  const codename = /^VERSION_CODENAME="?([a-z]+)/m.exec(release)?.[1] ?? "sid";
  const parts = list(`${root}/apt/sources.list.d`).map((name) => `${root}/apt/sources.list.d/${name}`);
  const oneLine = [`${root}/apt/sources.list`, ...parts.filter((file) => file.endsWith(".list"))].map(read).join("\n");
  const sources = [
    ...parts.filter((file) => file.endsWith(".sources")).flatMap((file) => parseDeb822(read(file))),
    ...parseOneLine(oneLine),
  ];
  return mirrorOf(sources, codename);
}

/**
 * Whether a system that apt is to fill from this mirror needs certificates. Debian's own `-slim` images have none, and to set them up takes
 * a fifth of the time that a whole base takes. A list of mirrors may lead anywhere. Without a mirror it is Debian's main one, by http.
 */
export function needsCertificates(mirror: Mirror | undefined): boolean {
  return [mirror?.main, mirror?.security].some((uri) => uri !== undefined && !/^(http|file):/.test(uri));
}

/** `apt-config dump` -> the options to carry over, as `Name "value";` lines. */
export function carriedOptions(dump: string): string[] {
  return dump.split("\n").filter((line) => CARRIED.test(line) && !/""\s*;/.test(line));
}

/** The options of this machine's apt that the base image needs too. */
export async function machineAptOptions(): Promise<string[]> {
  return carriedOptions((await run(["apt-config", "dump"])).stdout);
}

const words = (text: string | undefined) => (text ?? "").split(/\s+/).filter(Boolean);
const tidy = (uri: string) => uri.replace(/\/+$/, "");

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
