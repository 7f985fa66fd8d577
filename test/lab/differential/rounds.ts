/** Draws firewalls and compares lab and oracle on each; a seed repeats them. */
import { articleLab } from "../../../harness/core/lab-spec.ts";
import { sshdConfigFromText } from "../../../harness/openssh/sshd-config.ts";
import { ForwardLab } from "../../../harness/session/forward-lab.ts";
import { Draw } from "../model/random.ts";
import { type Comparison, compare } from "./compare.ts";
import { drawIptables } from "./draw-iptables.ts";
import { drawNft } from "./draw-nft.ts";
import { type DrawnServer, drawServer } from "./draw-server.ts";
import type { Firewall } from "./firewall-text.ts";
import type { Oracle } from "./oracle.ts";
import { account } from "./visitors.ts";

export interface Round {
  seed: number;
  firewall: Firewall;
  /** The server's own connections are compared too. */
  outbound: boolean;
  server: DrawnServer;
}

/** Each firewall has a seed of its own: the number of a round is enough to see it again. */
export function drawRound(seed: number): Round {
  const draw = new Draw(seed);
  // The first numbers of neighbouring seeds are much alike.
  draw.next();
  const outbound = draw.chance(0.3);
  const server = drawServer(draw);
  const toLoopback = server.bind[4] === "127.0.0.1";
  const firewall = draw.chance(0.6) ? drawNft(draw, { toLoopback }) : drawIptables(draw, { toLoopback });
  return { seed, outbound, server, firewall };
}

export async function startLab(): Promise<ForwardLab> {
  const sshdConfig = await sshdConfigFromText("GatewayPorts clientspecified\n");
  return ForwardLab.start({ spec: articleLab(), sshdConfig, accounts: [{ name: account.name, uid: account.uid }] });
}

export type Outcome = { round: Round; comparison: Comparison } | { round: Round; refused: string };

/** A firewall that the tools refuse is no question. */
export async function runRound(lab: ForwardLab, oracle: Oracle, round: Round): Promise<Outcome> {
  try {
    return { round, comparison: await compare(lab, oracle, round.firewall, round) };
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("the oracle could not load")) return { round, refused: error.message };
    throw error;
  }
}
