/** One line of an ssh_config, or the argument of ssh's `-o`: both are read by the same code. Source: OpenSSH `readconf.c` `process_config_line_depth`. */
import { splitArguments } from "./config-lexer.ts";
import { type ForwardRequest, parseForwardSpec, refusedPortOf } from "./forward-request.ts";
import type { RefusedPort } from "./refused-port.ts";

export interface ClientLine {
  /** Lower case. */
  keyword: string;
  /** Unquoted, without a trailing comment. */
  args: string[];
}

/** Undefined for an empty line and a comment; a text says what ssh refuses. */
export function lexClientLine(line: string): ClientLine | string | undefined {
  const text = line.replace(/[ \t\r\n\f]+$/, "").replace(/^[ \t]+/, "");
  if (text === "" || text.startsWith("#")) return undefined;
  const parts = /^"?([A-Za-z][A-Za-z0-9]*)"?(?:[ \t]*=[ \t]*|[ \t]+|$)(.*)$/.exec(text);
  if (!parts) return `Bad configuration option: ${text.split(/[ \t=]/, 1)[0]}`;
  const keyword = (parts[1] as string).toLowerCase();
  if (parts[2] === "") return `no argument after keyword "${keyword}"`;
  const args = splitArguments(parts[2] as string);
  if (args === undefined) return "invalid quotes";
  return args.length === 0 ? `no argument after keyword "${keyword}"` : { keyword, args };
}

const letters: Readonly<Record<string, "R" | "L" | "D">> = { remoteforward: "R", localforward: "L", dynamicforward: "D" };

export interface ForwardSpelling {
  keyword: "RemoteForward" | "LocalForward" | "DynamicForward";
  expected: string;
}

/** How the keyword of a forward is written; undefined for other lines. */
export function forwardSpelling(line: string): ForwardSpelling | undefined {
  const keyword = /remoteforward|localforward|dynamicforward/i.exec(line)?.[0].toLowerCase();
  if (keyword === undefined) return undefined;
  if (keyword === "dynamicforward")
    return { keyword: "DynamicForward", expected: "the listener alone: DynamicForward [bind_address:]port" };
  const name = keyword === "localforward" ? "LocalForward" : "RemoteForward";
  return { keyword: name, expected: `a space between listener and target: ${name} [bind_address:]port host:port` };
}

export interface RefusedForward {
  /** By ssh. */
  said: string;
  port?: RefusedPort;
}

/** ssh fills in `${VARIABLE}` of its own environment before it reads a forward. Source: ssh_config(5), ENVIRONMENT VARIABLES. */
export function namesVariable(spec: string): boolean {
  return /\$\{/.test(spec);
}

/** A forward that depends on the environment of the ssh that reads it. */
export function hasVariable({ keyword, args }: ClientLine): boolean {
  return Object.hasOwn(letters, keyword) && args.some(namesVariable);
}

/** The forward that a line asks for, in ssh's reading, or why ssh refuses it; undefined for other keywords. */
export function forwardOfLine({
  keyword,
  args,
}: ClientLine): { letter: "R" | "L" | "D"; request: ForwardRequest } | RefusedForward | undefined {
  const letter = letters[keyword];
  if (letter === undefined) return undefined;
  const [listen = "", target, ...more] = args;
  if (more.length > 0 || (letter === "D" && target !== undefined)) return { said: `keyword ${keyword} extra arguments at end of line` };
  if (letter === "L" && target === undefined) return { said: "Missing target argument." };
  const spec = target === undefined ? listen : `${listen}:${target}`;
  const request = parseForwardSpec(letter, spec);
  const bad = "Bad forwarding specification.";
  if (!request) {
    const port = refusedPortOf(letter, spec);
    return { said: bad, ...(port ? { port } : {}) };
  }
  // Without a second argument, RemoteForward is SOCKS, of one field or two: a target fits in only as a path (OpenSSH `readconf.c` `parse_forward`).
  const threeFields = request.target !== undefined || (request.targetPath !== undefined && request.bind !== undefined);
  if (target === undefined && threeFields) return { said: bad };
  return { letter, request };
}
