/** Targets to which sshd lets accounts connect, but of which the lab knows too little. Pure. */
import { formatTarget } from "../../core/address.ts";
import type { Cause } from "../../core/reason.ts";
import type { DialAsk, PrincipalFacts } from "../../core/review-facts.ts";
import { type Warning, warning } from "../../core/warning.ts";

interface Targets {
  assumed: readonly { name: string; address: string }[];
  impossible: readonly DialAsk[];
}

/** Nobody could answer there, so an answer that did not come says nothing. */
export function untriedTargets(principals: readonly PrincipalFacts[], { impossible }: Targets): Cause[] {
  const texts = impossible.filter((ask) => isLetThrough(principals, ask)).map(({ host, port }) => formatTarget(host, port));
  return texts.map((target) => ({ code: "review-target-not-tried", params: { target } }));
}

/** A firewall may treat the name's own address otherwise. */
export function assumedTargets(principals: readonly PrincipalFacts[], { assumed }: Targets): Warning[] {
  return assumed
    .filter(({ name }) => isLetThrough(principals, { host: name }))
    .map(({ name, address }) => warning("target-address-assumed", { name, address }));
}

function isLetThrough(principals: readonly PrincipalFacts[], { host, port }: Partial<DialAsk>): boolean {
  return principals.some(({ dials }) =>
    dials.some(({ ask, answer }) => ask.host === host && (port === undefined || ask.port === port) && answer !== "denied"),
  );
}
