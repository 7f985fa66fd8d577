/** Whether a jump host gets to the sshd behind it. */

import { formatTarget, parseAddress } from "../core/address.ts";
import { targetsOf } from "../core/cells.ts";
import { enumerated } from "../core/enumerated.ts";
import { faultOf } from "../core/fault.ts";
import type { Refusal } from "../core/forward-outcome.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import { LoginError } from "../openssh/login-failure.ts";
import type { Prober } from "../probe/probe.ts";

export interface JumpLeg {
  /** The jump host, and the account whose session dials. */
  from: string;
  as: string;
  /** The server behind it. */
  host: string;
  /** As the jump host is asked for it. */
  target: { host: string; port: number };
}

/**
 * The jump host's sshd would only say that it timed out. It tries every address that the name has: it is kept out where each of them is filtered.
 * @throws LoginError `jump-filtered` with the rule that keeps the jump host out
 */
export async function requireJumpPath(prober: Prober, spec: LabSpec, { from, as, host, target }: JumpLeg): Promise<void> {
  const { port } = target;
  const addresses = addressesFor(spec, { from, host, name: target.host });
  const probes = await Promise.all(
    addresses.map((address) => prober.probe({ vantage: from, address, port, targetHost: host, identity: "", as, asSsh: true })),
  );
  const decision = probes[0]?.decision;
  if (!decision || !probes.every((probe) => probe.verdict === "filtered" && probe.decision)) return;
  const { rule, at, action, file, line } = decision;
  const place = file === undefined ? undefined : { file, ...(line === undefined ? {} : { line }) };
  const refusal: Refusal = {
    layer: "server-firewall",
    code: "jump-filtered",
    params: { hop: from, at, server: host, target: `${target.host}:${port}`, action },
    text: `${at}: ${rule}`,
    rule: { rule, ...place },
  };
  const where = enumerated(addresses.map((address) => formatTarget(address, port)));
  throw new LoginError(
    { kind: "jump-filtered", said: refusal.text, jump: refusal },
    `the jump host ${from} cannot reach sshd at ${where}`,
    {
      place,
      fault: faultOf("jump-kept-out", {
        hop: from,
        places: addresses.map((address) => formatTarget(address, port)),
        rule: refusal.text,
        host,
        port,
      }),
      found: refusal.text,
      expected: `a firewall that allows ${from} to connect to TCP port ${port} of ${host}`,
      todo: "allow the jump host there, or state `login: refused`",
    },
  );
}

/** The addresses of the server that the jump host can use and that the name stands for. */
function addressesFor(spec: LabSpec, { from, host, name }: { from: string; host: string; name: string }): string[] {
  const listed = Object.entries(spec.names ?? {}).find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1];
  const meant = (listed ?? [name]).flatMap((text) => parseAddress(text)?.text ?? []);
  return targetsOf(spec, from, host)
    .filter(({ routed, via, address }) => routed && via === undefined && (meant.length === 0 || meant.includes(address)))
    .map(({ address }) => address);
}
