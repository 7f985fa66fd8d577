/** What a ruleset needs that the lab does not have, told from the complaint of the real tool: the file itself is right. */
import type { FirewallLacks } from "../core/fault.ts";

export interface Lacking {
  lacks: FirewallLacks;
  /** Of the module, the extension or the set. */
  name?: string;
  /** For a person, after `The firewall does not load: `. */
  what: string;
  todo: string;
}

/** Words of a rule that nft takes to a module of the kernel, which need not be there. */
const modules: readonly (readonly [words: RegExp, module: string])[] = [
  [/\b(flowtable|flow (add|offload))\b/, "nf_flow_table"],
  [/\bqueue\b/, "nfnetlink_queue"],
  [/\bsynproxy\b/, "nft_synproxy"],
  [/\btproxy\b/, "nft_tproxy"],
  [/\bsocket (transparent|mark|wildcard|cgroupv2)\b/, "nft_socket"],
  [/\bosf\b/, "nft_osf"],
  [/\bsecmark\b/, "SELinux"],
  [/\bfib\b/, "nft_fib"],
  [/\b[io]br(name|pvid|vproto)\b/, "nft_meta_bridge"],
  [/\bdup\b/, "nft_dup"],
  [/\bct helper\b|\bhelper "?\w+"?/, "the connection tracking helper"],
  [/\b(ipsec|xfrm)\b/, "nft_xfrm"],
  [/\bct (expectation|timeout)\b/, "nft_ct"],
  [/\b(masquerade|snat|dnat|redirect|type nat)\b/, "nft_nat"],
  [/\bnumgen\b/, "nft_numgen"],
  [/\b[js]ym?hash\b/, "nft_hash"],
];

/**
 * @param message the tool's first complaint
 * @param stderr all that it said, with nft's excerpt of the file
 * @param line of the file, where iptables names one without telling what it holds
 * @returns undefined when the file may well be wrong
 */
export function lacking(message: string, stderr: string, line = ""): Lacking | undefined {
  return (
    lackingName(message) ??
    lackingInterface(message, stderr) ??
    lackingSet(message) ??
    lackingCgroup(message, stderr, line) ??
    lackingExtension(message) ??
    lackingModule(message, stderr)
  );
}

function lackingName(message: string): Lacking | undefined {
  if (/^(User|Group) does not exist|\bBad (OWNER|owner)|owner: Bad value|Bad value for "--[ug]id-owner"/.test(message))
    return {
      lacks: "account",
      what: `${message}: the lab's server has no such account or group`,
      todo: "add it under `server.accounts` (or its group under `groups`), or use the numeric id",
    };
  if (/host\/network `|Could not resolve hostname|Name or service not known|Temporary failure in name resolution/.test(message))
    return {
      lacks: "host-name",
      what: `${message}: the name does not resolve in the lab`,
      todo: `add it under \`server.names: { ${/host\/network `([^']+)'/.exec(message)?.[1] ?? "NAME"}: ADDRESS }\``,
    };
  return undefined;
}

/** nft marks the name, and does not say it. */
function lackingInterface(message: string, stderr: string): Lacking | undefined {
  if (!/Interface does not exist/.test(message)) return undefined;
  const name = markedIn(stderr).marked.replaceAll('"', "");
  return {
    lacks: "interface",
    ...(name === "" ? {} : { name }),
    what: name === "" ? `${message}: the lab's server does not have it` : `the lab's server has no interface ${name}`,
    todo: `declare it under \`network.server\`, or \`network.servers.NAME\` (a list of interfaces, e.g. \`[{ interface: eth0, … }, { interface: ${name || "docker0"}, … }]\`)`,
  };
}

function lackingSet(message: string): Lacking | undefined {
  const set = /Set (\S+) doesn't exist/.exec(message)?.[1];
  if (set === undefined) return undefined;
  return {
    lacks: "set",
    name: set,
    what: `${message.replace(/\.$/, "")} in the lab: on the server it was created by ipset`,
    todo: "save the server's sets with `ipset save > ipset.save`, and add `server.ipsets: ./ipset.save`",
  };
}

function lackingCgroup(message: string, stderr: string, line: string): Lacking | undefined {
  const ofDump = /RULE_APPEND failed/.test(message) ? /-m cgroup (?:! )?--path "?([^\s"]+)/.exec(line)?.[1] : undefined;
  if (ofDump === undefined && !/cgroupv2 path fails/.test(message)) return undefined;
  const name = `/${(ofDump ?? markedIn(stderr).marked).replaceAll(/^["/]+|"$/g, "")}`;
  return {
    lacks: "cgroup",
    name,
    what: `${message}: the lab's server has no control group ${name}`,
    todo: `state which control groups sshd and logins run in: \`server.cgroups: { sshd: /system.slice/ssh.service, logins: { ACCOUNT: /user.slice/… } }\`; if none of them runs in ${name}, list it under \`others\``,
  };
}

/** Of xtables-addons, and of routers' kernels. What a rule jumps to and iptables does not know as a target, it takes for a chain. */
const addedTargets =
  /^(ACCOUNT|CHAOS|DELUDE|DNETMAP|ECHO|FLOWOFFLOAD|FULLCONENAT|IMQ|IPMARK|LOGMARK|LUA|MIRROR|NDPI|PROTO|RAWDNAT|RAWSNAT|ROUTE|STEAL|SYSRQ|TARPIT)$/;

/** iptables's. */
function lackingExtension(message: string): Lacking | undefined {
  const [, kind, library] = /Couldn't load (match|target) `([^']+)'/.exec(message) ?? [];
  const chain = /Chain '([^']+)' does not exist/.exec(message)?.[1];
  const name = library ?? (chain !== undefined && addedTargets.test(chain) ? chain : undefined);
  if (name !== undefined)
    return {
      lacks: "extension",
      name,
      what: `iptables has no ${kind ?? "target"} \`${name}\` here`,
      todo: `the server has an additional extension (xtables-addons?): verify a copy of the dump without the rules that use ${name}`,
    };
  const kernel = /(?:Extension|extension) (\S+).*(?:not supported|missing kernel module)/.exec(message)?.[1];
  return kernel === undefined ? undefined : kernelLacks(`xt_${kernel}`, message);
}

/** Before the name of a chain or a set, and of the table or the chain that a command is about. */
const namesObject =
  /\b(jump|goto) *$|@$|^\s*(add|create|insert|replace|delete|flush)\s+[a-z]+\s+((ip6?|inet|arp|bridge|netdev)\s+)?(\S+\s+)?$/;

function lackingModule(message: string, stderr: string): Lacking | undefined {
  if (
    !/Could not process rule: (No such file or directory|Operation not supported|Protocol not supported|Device or resource busy)|(?<!Servname )not supported/.test(
      message,
    )
  )
    return undefined;
  const { excerpt, marks, marked } = markedIn(stderr);
  // A single word is marked where a chain, a set or a table does not exist.
  if (/\bNo such file/.test(message) && /^\S+$/.test(marked) && namesObject.test(excerpt.slice(0, Math.max(0, marks.indexOf("^")))))
    return undefined;
  const unquoted = excerpt.replaceAll(/"[^"]*"/g, '""');
  const found = modules.find(([words]) => words.test(unquoted));
  return found && kernelLacks(found[1], message);
}

/** The line that nft shows below its first complaint, and what of it is marked. */
export function markedIn(stderr: string): { excerpt: string; marks: string; marked: string } {
  const lines = stderr.split("\n");
  const [excerpt = "", marks = ""] = lines.slice(1 + lines.findIndex((line) => line.includes("Error: ")));
  return { excerpt, marks, marked: /^[\s^]*$/.test(marks) ? excerpt.slice(marks.indexOf("^"), marks.lastIndexOf("^") + 1) : "" };
}

function kernelLacks(module: string, message: string): Lacking {
  return {
    lacks: "kernel-module",
    name: module,
    what: `the kernel of the engine's machine lacks ${module} (${message.replace(/^Could not process rule: /, "")})`,
    todo: `load it there (\`modprobe ${/^\w+$/.test(module) ? module : "…"}\`), or use an engine on a machine whose kernel has it; the file may be correct`,
  };
}
