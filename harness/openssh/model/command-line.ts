/** An ssh command line as a person types it, with destination and all: its forwards one by one, and what else decides about them. */
import { sshOptionString } from "../forward-arguments.ts";
import type { AddressFamily } from "./model-input.ts";

export interface SshCommandLine {
  /** For each forward the options that matter to it, as one text for `parseForwardArguments`; none: one text without a forward. */
  forwards: string[];
  family: AddressFamily;
  /** `user@` of the destination, `-l`, `-o User`. */
  account: string | undefined;
  /** Host part of the destination. */
  destination: string | undefined;
}

/** `-o` keywords that say something about a forward or its listener. */
const kept = /^(gatewayports|exitonforwardfailure|clearallforwardings|streamlocalbindmask|streamlocalbindunlink|port)$/;
const forwarding: Readonly<Record<string, string>> = { remoteforward: "R", localforward: "L", dynamicforward: "D" };

/**
 * Reads words as ssh's getopt does; options after the destination count too. Source: OpenSSH `ssh.c` `main`.
 * Options that have nothing to do with forwards are left out; unknown ones stay, for `parseForwardArguments` to refuse.
 */
export function readCommandLine(words: readonly string[]): SshCommandLine {
  const common: string[] = [];
  const forwards: string[][] = [];
  let family: AddressFamily | undefined;
  let account: string | undefined;
  let destination: string | undefined;
  let flagFamily: AddressFamily | undefined;
  let hasCommand = false;

  const keyword = (value: string): void => {
    const [, name = "", argument = ""] = /^\s*([A-Za-z0-9]+)\s*(?:=|\s)\s*(.*?)\s*$/.exec(value) ?? [];
    const key = name.toLowerCase();
    const option = forwarding[key];
    if (option) forwards.push([`-${option}`, argument.replace(/\s+/, ":")]);
    else if (kept.test(key) || name === "") common.push("-o", value);
    else if (key === "addressfamily") family ??= familyNamed(argument);
    else if (key === "user") account ??= argument;
  };

  const option = (letter: string, value: string): void => {
    if (letter === "R" || letter === "L" || letter === "D") forwards.push([`-${letter}`, value]);
    else if (letter === "o") keyword(value);
    else if (letter === "l") account ??= value;
    else if (letter === "p" || letter === "W" || letter === "w" || letter === "O") common.push(`-${letter}`, value);
  };

  const rest = words[0] === "ssh" ? words.slice(1) : [...words];
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] as string;
    if (!word.startsWith("-") || word === "-" || word === "--") {
      const host = word === "--" ? rest[++i] : word;
      if (destination !== undefined || host === undefined) {
        hasCommand = host !== undefined;
        break;
      }
      destination = host;
      continue;
    }
    for (let j = 1; j < word.length; j++) {
      const letter = word[j] as string;
      const at = letter === ":" ? -1 : sshOptionString.indexOf(letter);
      if (at < 0) {
        common.push(`-${letter}`);
      } else if (sshOptionString[at + 1] !== ":") {
        if (letter === "4") flagFamily = "inet";
        else if (letter === "6") flagFamily = "inet6";
        else if ("fNg".includes(letter)) common.push(`-${letter}`);
      } else {
        const value = word.slice(j + 1) || rest[++i];
        if (value === undefined) common.push(`-${letter}`);
        else option(letter, value);
        break;
      }
    }
  }
  const [user, host] = userAndHost(destination);
  const texts = (forwards.length === 0 ? [[]] : forwards).map((each) =>
    // With a command `-f` is fine without -N, which is all that is checked of it.
    [...common.filter((word) => !(hasCommand && word === "-f")), ...each].map(shellQuoted).join(" "),
  );
  return { forwards: texts, family: flagFamily ?? family ?? "any", account: account ?? user, destination: host };
}

function familyNamed(value: string): AddressFamily {
  const lower = value.toLowerCase();
  return lower === "inet" || lower === "inet6" ? lower : "any";
}

/** `user@host`, `ssh://user@host:port`. */
function userAndHost(destination: string | undefined): [string | undefined, string | undefined] {
  if (destination === undefined) return [undefined, undefined];
  const plain = destination.replace(/^ssh:\/\//, "").replace(/^(.*@|)([^@[\]]+):\d+$/, "$1$2");
  const at = plain.lastIndexOf("@");
  return at < 0 ? [undefined, plain] : [plain.slice(0, at), plain.slice(at + 1)];
}

function shellQuoted(word: string): string {
  return /^[\w@%+=:,./[\]*-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
