/** Whether a jump host gets to the sshd behind it. */
import type { Refusal } from "../core/forward-outcome.ts";
import { LoginError } from "../openssh/login-failure.ts";
import type { Prober } from "../probe/probe.ts";

interface Leg {
  /** The jump host, and the account whose session dials. */
  from: string;
  as: string;
  /** The server behind it, at one of its addresses. */
  host: string;
  address: string;
  port: number;
}

/**
 * The jump host's sshd would only say that it timed out.
 * @param target as the jump host was asked for it
 * @throws LoginError `jump-filtered` with the rule that keeps the jump host out
 */
export async function requireJumpPath(
  prober: Prober,
  { from, as, host, address, port }: Leg,
  target: { host: string; port: number },
): Promise<void> {
  const probe = await prober.probe({ vantage: from, address, port, targetHost: host, identity: "", as, asSsh: true });
  const { decision, verdict } = probe;
  if (!decision || verdict !== "filtered") return;
  const { rule, at, file, line } = decision;
  const place = file === undefined ? {} : { file, ...(line === undefined ? {} : { line }) };
  const refusal: Refusal = {
    layer: "server-firewall",
    code: "jump-filtered",
    params: { hop: from, at, server: host, target: `${target.host}:${target.port}`, action: decision.action },
    text: `${at}: ${rule}`,
    rule: { rule, ...place },
  };
  throw new LoginError(
    { kind: "jump-filtered", said: refusal.text, jump: refusal },
    `the jump host ${from} cannot reach sshd at ${probe.target}`,
    {
      place: file === undefined ? undefined : { file, ...(line === undefined ? {} : { line }) },
      found: refusal.text,
      expected: `a firewall that allows ${from} to connect to TCP port ${port} of ${host}`,
      todo: "allow the jump host there, or state `login: refused`",
    },
  );
}
