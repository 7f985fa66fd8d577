/** /etc/default/ufw and ufw.conf, which ufw's start script reads as a shell does: assignments, one a line. */
import { type Place, UserError } from "../../core/errors.ts";
import { faultOf } from "../../core/fault.ts";
import type { SourceText } from "../nft-tokens.ts";

export interface UfwSetting {
  value: string;
  place: Place;
}

const assignment = /^\s*(?:export\s+)?([A-Za-z_]\w*)=("[^"]*"|'[^']*'|[^\s"'#]*)\s*(?:#.*|;\s*)?$/;

/**
 * By name; what comes later wins.
 * @throws UserError `firewall-ufw` for what only a shell could work out
 */
export function readUfwSettings(sources: readonly SourceText[]): Map<string, UfwSetting> {
  const settings = new Map<string, UfwSetting>();
  for (const { display, text } of sources)
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      if (/^\s*(#|$)/.test(line)) continue;
      const place = { file: display, line: index + 1 };
      const [, name = "", written = ""] = assignment.exec(line) ?? [];
      if (name === "" || /[$`\\]/.test(written)) throw notPlain(line, place);
      settings.set(name, { value: written.replace(/^(["'])(.*)\1$/, "$2"), place });
    }
  return settings;
}

function notPlain(line: string, place: Place): UserError {
  return new UserError("firewall-ufw", "ufw's settings are more than plain assignments", {
    place,
    found: line.trim(),
    fault: faultOf("ufw-not-plain", {}),
    expected: 'NAME="value"',
    todo: "write the value that the shell makes of it",
  });
}

export const directions = ["input", "output", "forward"] as const;

export type Direction = (typeof directions)[number];

/** ACCEPT, DROP or REJECT. */
export type DefaultPolicies = Record<Direction, UfwSetting>;

/** @param file where they are to stand, for the error */
export function defaultPolicies(settings: ReadonlyMap<string, UfwSetting>, file: string): DefaultPolicies {
  const policy = (direction: Direction): UfwSetting => {
    const name = `DEFAULT_${direction.toUpperCase()}_POLICY`;
    const setting = settings.get(name);
    if (setting && /^(ACCEPT|DROP|REJECT)$/.test(setting.value)) return setting;
    throw new UserError("firewall-ufw", `${name} is not a policy that ufw knows`, {
      fault: faultOf("ufw-policy", { name, value: setting?.value }),
      place: setting?.place ?? { file },
      found: setting ? setting.value || "nothing" : `no ${name}`,
      expected: "ACCEPT, DROP or REJECT",
    });
  };
  return { input: policy("input"), output: policy("output"), forward: policy("forward") };
}

/** As ufw compares it. */
export function isYes(setting: UfwSetting | undefined): boolean {
  return setting?.value === "yes" || setting?.value === "YES";
}
