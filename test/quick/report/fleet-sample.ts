/** Fleets for every report: what one server is alone, it is among others. */
import type { Fleet, FleetServer } from "../../../harness/core/fleet.ts";
import type { Result } from "../../../harness/core/result.ts";
import { fleetOf } from "../../../harness/judgement/fleet.ts";
import { failing, hostile, inconclusive, passing, withHostileTexts } from "./sample.ts";

const server = (name: string, result: Result): FleetServer => ({
  name,
  policy: `${name}/policy.yaml`,
  result: { ...result, policy: { file: `${name}/policy.yaml` } },
  error: null,
});

/** sshd refused its config. */
export const refused: FleetServer = {
  name: "servers/mail",
  policy: "servers/mail/policy.yaml",
  result: null,
  error: {
    code: "sshd-config",
    message: "sshd refuses the config: Bad configuration option: GatewayPort",
    place: { file: "etc/ssh/sshd_config", line: 10 },
    todo: "correct the line",
    log: "etc/ssh/sshd_config: terminating, 1 bad configuration options",
  },
};

export function fleetWith(servers: readonly FleetServer[]): Fleet {
  return fleetOf(servers, {
    tool: passing.tool,
    startedAt: "2026-11-28T10:00:00.000Z",
    durationMs: 4200,
    labs: 2,
    policies: servers.map(({ name }) => name),
  });
}

export const good = fleetWith([server("servers/a", passing), server("servers/b", passing)]);
export const unknown = fleetWith([server("servers/a", passing), server("servers/c", inconclusive), refused]);
export const mixed = fleetWith([server("servers/a", passing), server("servers/b", failing), server("servers/b2", failing), refused]);
/** Whatever a user or a server could write is this text. */
export function hostileFleet(text: string = hostile): Fleet {
  return fleetWith([
    { ...server(text, withHostileTexts(text)), name: text },
    { ...refused, name: `2 ${text}`, error: { code: "sshd-config", message: text, log: text, found: text } },
  ]);
}
