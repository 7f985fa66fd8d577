/** The settings of one login, in a network whose hosts `home` and `server` run ssh and sshd. */
import type { LabSpec } from "../../core/lab-spec.ts";
import { matchHolds, unknownAddress } from "../match-criteria.ts";
import { seenFrom } from "./explanation.ts";
import type { Version } from "./model-input.ts";
import { type ConfigSettings, type SettingLine, settingsOfConfig } from "./settings-of-config.ts";

export interface Login {
  account: string;
  /** The client's address as the server sees it; null: not known. Left out: home's. */
  from?: string | null | undefined;
  /** All groups of the account. Left out: not known. */
  groups?: readonly string[] | undefined;
  version?: Version | undefined;
}

export interface LoginSettings extends ConfigSettings {
  sshdPort: number;
}

export function settingsForLogin(lines: readonly SettingLine[], { account, from, groups, version }: Login, spec: LabSpec): LoginSettings {
  const sshdPort = Number(lines.find(({ keyword, match }) => keyword === "port" && match.length === 0)?.args[0] ?? 22);
  const addr = from === null ? unknownAddress : (from ?? seenFrom(spec, "home") ?? unknownAddress);
  const server = (spec.hosts.server?.interfaces ?? []).flatMap(({ addresses }) => addresses.map((each) => each.split("/")[0] as string));
  const laddr = server.find((each) => each.includes(":") === addr.includes(":")) ?? "";
  const principal = { user: account, addr, laddr, lport: sshdPort, ...(groups ? { groups } : {}) };
  return { ...settingsOfConfig(lines, (criteria) => matchHolds(criteria, principal), version), sshdPort };
}
