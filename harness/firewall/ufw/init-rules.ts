/**
 * What ufw's start script (ufw-init-functions) gives iptables-restore besides the files in /etc/ufw, in its order. ufw 0.36.2; a test
 * compares with the real one.
 */
import type { Family } from "../../core/address.ts";
import type { Place } from "../../core/errors.ts";
import { type DefaultPolicies, type Direction, directions } from "./ufw-settings.ts";

/** A line that the script writes, and the user's line that it does so for. */
export interface InitLine {
  text: string;
  place: Place;
}

/** For each family: before the user's before.rules, between its after.rules and its user.rules, and at the end. */
export interface InitRules {
  first: InitLine[];
  userChains: InitLine[];
  last: InitLine[];
}

/** @param enabled where ufw is switched on: it stands for lines that no setting has a part in */
export function initRules(family: Family, policies: DefaultPolicies, enabled: Place): InitRules {
  const ufw = family === 4 ? "ufw" : "ufw6";
  const table = (texts: readonly string[]) => inTable(texts.map((text) => ({ text, place: enabled })));
  const chains = (names: readonly string[]) => names.map((name) => `:${ufw}-${name} - [0:0]`);
  const inAll = (...stems: string[]) => stems.flatMap((stem) => directions.map((direction) => `${stem}-${direction}`));
  return {
    first: [
      ...table([
        ...chains(inAll("before-logging", "before", "after", "after-logging", "reject", "track")),
        ...(["input", "output", "forward"] as const).flatMap((direction) => fromBuiltIn(ufw, direction)),
      ]),
      ...inTable(directions.flatMap((direction) => byPolicy(ufw, direction, policies))),
      ...table(chains(["logging-deny", "logging-allow"])),
      ...inTable([
        ...chains(inAll("skip-to-policy")).map((text) => ({ text, place: enabled })),
        ...directions.map((direction) => ({
          text: `-A ${ufw}-skip-to-policy-${direction} -j ${policies[direction].value}`,
          place: policies[direction].place,
        })),
      ]),
    ],
    userChains: table(chains([...inAll("user", "user-logging"), "user-limit", "user-limit-accept"])),
    last: [
      ...table(directions.map((direction) => `-A ${ufw}-before-${direction} -j ${ufw}-user-${direction}`)),
      ...inTable(
        directions.map((direction) => ({
          text: `:${direction.toUpperCase()} ${policies[direction].value === "ACCEPT" ? "ACCEPT" : "DROP"} [0:0]`,
          place: policies[direction].place,
        })),
      ),
    ],
  };
}

/** With IPV6=no: nothing but loopback. */
export function closedFamily(setting: Place): InitLine[] {
  const texts = [":INPUT DROP [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT DROP [0:0]", "-A INPUT -i lo -j ACCEPT", "-A OUTPUT -o lo -j ACCEPT"];
  return inTable(texts.map((text) => ({ text, place: setting })));
}

function fromBuiltIn(ufw: string, direction: Direction): string[] {
  return ["before-logging", "before", "after", "after-logging", "reject", "track"].map(
    (stem) => `-A ${direction.toUpperCase()} -j ${ufw}-${stem}-${direction}`,
  );
}

function byPolicy(ufw: string, direction: Direction, policies: DefaultPolicies): InitLine[] {
  const { value, place } = policies[direction];
  if (value === "REJECT") return [{ text: `-A ${ufw}-reject-${direction} -j REJECT`, place }];
  if (value === "DROP") return [];
  return ["tcp", "udp"].map((protocol) => ({
    text: `-A ${ufw}-track-${direction} -p ${protocol} -m conntrack --ctstate NEW -j ACCEPT`,
    place,
  }));
}

function inTable(lines: readonly InitLine[]): InitLine[] {
  const [{ place } = { place: undefined }] = lines;
  return place ? [{ text: "*filter", place }, ...lines, { text: "COMMIT", place }] : [];
}
