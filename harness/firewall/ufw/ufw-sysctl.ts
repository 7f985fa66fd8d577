/** ufw sets kernel settings, too. The lab does not: `server.sysctl` does. */
import { type Warning, warning } from "../../core/warning.ts";
import type { SourceText } from "../nft-tokens.ts";

/** Of no account for who can connect: redirects, pings, messages. */
const harmless = /accept_redirects|send_redirects|icmp|log_martians|tempaddr|autoconf|accept_ra/;

export function sysctlWarnings({ display, text }: SourceText): Warning[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const [, key = "", value = ""] = /^\s*([\w/.-]+)\s*=\s*(\S.*?)\s*$/.exec(line) ?? [];
    if (key === "" || harmless.test(key)) return [];
    const name = key.replaceAll("/", ".");
    return [warning("ufw-sysctl-not-set", { key: name, value }, { file: display, line: index + 1 })];
  });
}
