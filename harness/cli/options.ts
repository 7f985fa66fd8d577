/** Options that several commands have, each said once. */
import { Option } from "commander";

/** All values that were given. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, previous: string[]) => [...previous, value]).default([]);
}

export const common = {
  report: () => repeatable("--report <format=path>", "write a report (repeatable); - is standard output"),
  firewall: () =>
    repeatable("--firewall <path>", "nft ruleset, copy of /etc/ufw or /etc/firewalld, or iptables-save dump (twice: IPv4, then IPv6)"),
  interface: () => new Option("--interface <name>", "the server's interface, as its firewall names it (default: eth0)"),
  address: () => repeatable("--address <address/prefix>", "an address of the server (repeatable)"),
  account: (does: string) =>
    repeatable(
      "--account <name[:groups][=authorized_keys]>",
      `${does} this account (repeatable) instead of those that the server's files name`,
    ),
  allowOutside: () =>
    new Option("--allow-outside", "trust the policy: files that it names may lie outside its folder and the working folder"),
  pull: () => new Option("--pull", "pull images that the policy names and the engine lacks"),
  openssh: (unless = "") => new Option("--openssh <version>", `OpenSSH version of the server${unless}`),
  lang: () => new Option("--lang <language>", "what people read, in en or ja").default("en"),
  langOfBrowser: () => new Option("--lang <language>", "en or ja (default: the browser's)"),
  quiet: () => new Option("--quiet", "no progress output"),
  quietReport: () => new Option("--quiet", "no progress output, and no text report unless requested"),
  noColor: () => new Option("--no-color", "no colours"),
  lab: () => new Option("--lab <name>", "which lab, if there are several"),
};
