/** The user's authorized_keys with the lab's keys in place of theirs; options stay as they are, byte for byte. */
import { type IgnoredBecause, type Warning, warning } from "../core/warning.ts";

export interface AuthorizedKeyLine {
  /** 1-based line in the user's file. */
  line: number;
  /** As written, "" when none. */
  options: string;
  /** `ssh-ed25519`, … */
  type: string;
  /** Key material (base64). */
  blob: string;
  comment: string;
  /** `cert-authority`: the key is a CA's, and whoever has a certificate of it may log in. */
  authority: boolean;
}

export interface AuthorizedKeys {
  keys: AuthorizedKeyLine[];
  /** Lines that are left out of the lab, and why. */
  notes: Warning[];
}

const keyTypes =
  /^(ssh-ed25519|ssh-rsa|ssh-dss|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com|ssh-[a-z0-9-]+(@[\w.-]+)?|(rsa|ecdsa|sk|ssh)-\S+-cert-v01@openssh\.com)$/;

/** Length of the option string at the start of `text`: it ends at the first blank outside double quotes. Source: OpenSSH `sshkey_advance_past_options`. */
function optionsLength(text: string): number | undefined {
  let quoted = false;
  let i = 0;
  for (; i < text.length && (quoted || (text[i] !== " " && text[i] !== "\t")); i++) {
    if (text[i] === "\\" && text[i + 1] === '"') i++;
    else if (text[i] === '"') quoted = !quoted;
  }
  return quoted ? undefined : i;
}

/** Options at commas outside quotes, as written. */
export function splitKeyOptions(options: string): string[] {
  const parts: string[] = [];
  let part = "";
  let quoted = false;
  for (let i = 0; i < options.length; i++) {
    const c = options[i] as string;
    if (c === "\\" && options[i + 1] === '"') {
      part += '\\"';
      i++;
    } else if (c === "," && !quoted) {
      parts.push(part);
      part = "";
    } else {
      if (c === '"') quoted = !quoted;
      part += c;
    }
  }
  return part === "" ? parts : [...parts, part];
}

/** Values of an option that may be repeated, e.g. `permitlisten`, without quotes. */
export function keyOptionValues(options: string, name: string): string[] {
  return splitKeyOptions(options)
    .filter((option) => option.toLowerCase().startsWith(`${name}=`))
    .map((option) =>
      option
        .slice(name.length + 1)
        .replace(/^"(.*)"$/, "$1")
        .replaceAll('\\"', '"'),
    );
}

/** Does a key with these options let TCP be forwarded at all? Options count in order. Source: OpenSSH `auth-options.c` `sshauthopt_parse`. */
export function keyAllowsForwarding(options: string): { allowed: boolean; by?: string } {
  let state: { allowed: boolean; by?: string } = { allowed: true };
  for (const option of splitKeyOptions(options)) {
    const name = option.toLowerCase();
    if (name === "restrict" || name === "no-port-forwarding") state = { allowed: false, by: option };
    else if (name === "port-forwarding") state = { allowed: true };
  }
  return state;
}

/** What these options let be forwarded, in one spelling; undefined: nothing. Whoever has a key with none of them may ask for everything: "". */
export function forwardingOf(options: string): string | undefined {
  if (!keyAllowsForwarding(options).allowed) return undefined;
  const lists = ["permitlisten", "permitopen"].map((name) => keyOptionValues(options, name).map((value) => `${name}=${value}`));
  return lists.flatMap((list) => list.toSorted()).join(",");
}

/** Reads an authorized_keys file (sshd(8), AUTHORIZED_KEYS FILE FORMAT). Lines that sshd would ignore are left out, with a note. */
export function parseAuthorizedKeys(text: string, display: string): AuthorizedKeys {
  const result: AuthorizedKeys = { keys: [], notes: [] };
  for (const [index, raw] of text.split("\n").entries()) {
    const line = index + 1;
    const ignored = (why: IgnoredBecause) => result.notes.push(warning("login-line-ignored", { why }, { file: display, line }));
    const body = raw.replace(/^[ \t]+/, "").replace(/[\r\n]+$/, "");
    if (body === "" || body.startsWith("#") || body.startsWith("\uFEFF#")) continue;
    if (body.startsWith("\uFEFF")) {
      ignored("byte-order-mark");
      continue;
    }
    let options = "";
    let rest = body;
    if (!keyTypes.test(body.split(/[ \t]/, 1)[0] as string)) {
      const length = optionsLength(body);
      if (length === undefined) {
        ignored("open-quote");
        continue;
      }
      options = body.slice(0, length);
      rest = body.slice(length).replace(/^[ \t]+/, "");
    }
    const parts = /^(\S+)[ \t]+([A-Za-z0-9+/]+=*)(?:[ \t]+(.*))?$/.exec(rest);
    if (!parts || !keyTypes.test(parts[1] as string)) {
      ignored("no-key");
      continue;
    }
    if (/-cert-v01@/.test(parts[1] as string)) {
      ignored("certificate");
      continue;
    }
    const bad = badKeyOption(options);
    if (bad) {
      result.notes.push(warning("login-line-ignored", bad, { file: display, line }));
      continue;
    }
    const authority = splitKeyOptions(options).some((option) => option.toLowerCase() === "cert-authority");
    result.keys.push({ line, options, type: parts[1] as string, blob: parts[2] as string, comment: parts[3] ?? "", authority });
  }
  return result;
}

const flags =
  /^(no-)?(port-forwarding|agent-forwarding|x11-forwarding|pty|user-rc|touch-required)$|^(restrict|cert-authority|verify-required)$/i;
const valued = /^(command|principals|from|expiry-time|environment|permitopen|permitlisten|tunnel)="(.*)"$/is;

/** Why sshd drops the whole line because of its options; undefined when it does not. Source: OpenSSH `auth-options.c` `sshauthopt_parse`. */
export function badKeyOption(options: string): { why: "unknown-option" | "bad-option"; option: string } | undefined {
  for (const option of splitKeyOptions(options)) {
    if (flags.test(option) && !/^no-(restrict|cert-authority|verify-required)$/i.test(option)) continue;
    const parts = valued.exec(option);
    if (!parts) return { why: "unknown-option", option };
    const name = (parts[1] as string).toLowerCase();
    const value = parts[2] as string;
    if (name === "permitlisten" && !/^(?:(?:\[[^\]]*\]|[^:[\]]*):)?(?:\d{1,5}|\*|(?!none$|any$)[a-z][\w-]*)$/i.test(value))
      return { why: "bad-option", option };
    if (name === "permitopen" && !/^(?:\[[^\]]*\]|[^:[\]]+):(?:\d{1,5}|\*|[a-z][\w-]*)$/i.test(value)) return { why: "bad-option", option };
  }
  return undefined;
}

/** One line of an authorized_keys file for the lab: the user's options, the lab's public key. */
export function labKeyLine(options: string, publicKey: string, comment: string): string {
  return `${options === "" ? "" : `${options} `}${publicKey} ${comment}`.trimEnd();
}
