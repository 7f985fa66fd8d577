/** What a person has to know about settings that the lab does not have, or that mean nothing. */
import { formatPlace, type Place } from "../../core/errors.ts";
import type { MadeRules } from "./compile.ts";

/** What firewalld says of settings that do nothing any more. */
const idle = /^Ignoring deprecated|is deprecated and has no effect|is not supported by the kernel/;
const forwarding = { ipv4: "net.ipv4.ip_forward", ipv6: "net.ipv6.conf.all.forwarding" };

export function settingWarnings(
  { warnings, facts }: Pick<MadeRules, "warnings" | "facts">,
  placeOf: (at: { file: string; line: number }) => Place,
  hasConf: boolean,
): string[] {
  const at = (file: string, line = 0) => formatPlace({ ...placeOf({ file, line }), column: undefined });
  return [
    ...(hasConf
      ? []
      : [`${at("")}: no firewalld.conf, so firewalld's own defaults apply, such as DefaultZone=public and FirewallBackend=nftables`]),
    ...warnings
      .filter(({ message }) => !idle.test(message))
      .map(({ message, file, line }) => `${at(file ?? "", line)}: firewalld says: ${message}`),
    ...facts.unbound.map(
      ({ zone, file, line }) =>
        `${at(file, line)}: the zone ${zone} has no interface and no source here, so it applies to no packet; if NetworkManager or a program such as Docker gives it one on the server, add \`<interface name="…"/>\``,
    ),
    ...facts.forwarding.map((family) => {
      const key = forwarding[family];
      return `${at("")}: firewalld turns ${key} on, and the lab does not; if the server forwards packets, \`server.sysctl: { ${key}: 1 }\` sets it`;
    }),
    ...(facts.bridge ? [`${at("direct.xml")}: rules for bridges (\`ipv="eb"\`) are not loaded`] : []),
  ];
}
