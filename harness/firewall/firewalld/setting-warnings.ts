/** What a person has to know about settings that the lab does not have, or that mean nothing. */
import type { Place } from "../../core/errors.ts";
import { type Warning, warning } from "../../core/warning.ts";
import type { MadeRules } from "./compile.ts";

/** What firewalld says of settings that do nothing any more. */
const idle = /^Ignoring deprecated|is deprecated and has no effect|is not supported by the kernel/;
const forwarding = { ipv4: "net.ipv4.ip_forward", ipv6: "net.ipv6.conf.all.forwarding" };

export function settingWarnings(
  { warnings, facts }: Pick<MadeRules, "warnings" | "facts">,
  placeOf: (at: { file: string; line: number }) => Place,
  hasConf: boolean,
): Warning[] {
  const at = (file: string, line = 0) => {
    const { column: _, ...place } = placeOf({ file, line });
    return place;
  };
  return [
    ...(hasConf ? [] : [warning("firewalld-no-conf", {}, at(""))]),
    ...warnings
      .filter(({ message }) => !idle.test(message))
      .map(({ message, file, line }) => warning("firewalld-said", { message }, at(file ?? "", line))),
    ...facts.unbound.map(({ zone, file, line }) => warning("firewalld-zone-unbound", { zone }, at(file, line))),
    ...facts.forwarding.map((family) => warning("firewalld-forwards", { key: forwarding[family] }, at(""))),
    ...(facts.bridge ? [warning("firewalld-bridge-rules", {}, at("direct.xml"))] : []),
  ];
}
