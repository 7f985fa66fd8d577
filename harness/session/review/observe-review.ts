/** A review's lab at work: asks as each principal, then looks who reaches each kind of listener that was granted, and repeats a sample with an ssh of its own. */
import type { ListenAnswer, PrincipalFacts, Repeated } from "../../core/review-facts.ts";
import { parseForwardArguments } from "../../openssh/forward-arguments.ts";
import type { ReviewPlan } from "../../policy/review/plan.ts";
import { metadataHost } from "../../policy/review/review-targets.ts";
import type { ForwardLab } from "../forward-lab.ts";
import { targetHost } from "../forward-target.ts";
import { serverHost } from "../login-route.ts";
import { type ForwardToObserve, type Observed, observe } from "../observe.ts";
import { askPrincipals, loginOf } from "./ask-principals.ts";

/** One forward that stands for all listeners of its kind. */
export interface Representative {
  forward: string;
  /** Addresses that listen, IPv6 in brackets, sorted. */
  listeners: string[];
  portClass: number;
  principal: string;
  ssh: string;
}

export interface ReviewObserved extends Observed {
  principals: PrincipalFacts[];
  representatives: Representative[];
  repeated: Repeated[];
}

/** @param byOwner the firewall tells accounts apart: each account's listeners are looked at */
export async function observeReview(lab: ForwardLab, plan: ReviewPlan, byOwner: boolean, signal?: AbortSignal): Promise<ReviewObserved> {
  await startTargets(lab, plan);
  const principals = await askPrincipals(lab, plan.accounts, plan, signal);
  const chosen = representativesOf(principals, byOwner);
  const repeated = await repeatSample(lab, principals);
  const observed = await observe(
    lab,
    chosen.map(({ forward }) => forward),
    signal,
  );
  return { ...observed, principals, representatives: chosen.map(({ representative }) => representative), repeated };
}

/** The lab's services at what the server is asked to dial; a target that no host of the lab has stays without. */
async function startTargets(lab: ForwardLab, { spec, dials }: ReviewPlan): Promise<void> {
  for (const { host, port, kind } of dials) {
    const at = kind === "metadata" ? metadataHost : targetHost(spec, serverHost, host);
    if (at !== undefined) await lab.service(at, port).catch(takenByOther);
  }
}

/** Something of the server's own answers there. */
function takenByOther(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "service-port")) throw error;
}

/** One forward for each set of listening addresses in each class of ports: what a packet meets on its way there is the same for all of them. */
function representativesOf(
  principals: readonly PrincipalFacts[],
  byOwner: boolean,
): { representative: Representative; forward: ForwardToObserve }[] {
  const found = new Map<string, { representative: Representative; forward: ForwardToObserve }>();
  for (const principal of principals) {
    for (const { ask, granted, listeners } of principal.listens) {
      if (!granted || principal.vantage === null) continue;
      const addresses = addressesOf(listeners);
      const key = JSON.stringify([addresses, ask.portClass, byOwner ? principal.account : ""]);
      if (found.has(key)) continue;
      const name = `reach-${found.size + 1}`;
      found.set(key, {
        representative: { forward: name, listeners: addresses, portClass: ask.portClass, principal: principal.id, ssh: ask.ssh },
        forward: {
          name,
          ...loginOf(principal),
          from: principal.vantage,
          ssh: parseForwardArguments(ask.ssh),
          listening: { forward: name, host: serverHost, port: ask.port },
        },
      });
    }
  }
  return [...found.values()];
}

/** Without their port. */
export function addressesOf(listeners: readonly string[]): string[] {
  return listeners.map((listener) => listener.replace(/:\d+$/, "")).sort();
}

/** One request of each kind of answer, made by an ssh that asks for nothing else. */
async function repeatSample(lab: ForwardLab, principals: readonly PrincipalFacts[]): Promise<Repeated[]> {
  const kinds = new Map<string, { principal: PrincipalFacts; answer: ListenAnswer }>();
  for (const principal of principals) {
    for (const answer of principal.listens) {
      const kind = answer.granted ? addressesOf(answer.listeners).join() : (answer.refusedBy?.code ?? "");
      if (!kinds.has(kind)) kinds.set(kind, { principal, answer });
    }
  }
  const repeated: Repeated[] = [];
  for (const { principal, answer } of kinds.values()) {
    const { vantage, id } = principal;
    if (vantage === null) continue;
    await using alone = await lab.open({
      ...loginOf(principal),
      name: "repeated",
      from: vantage,
      ssh: parseForwardArguments(answer.ask.ssh),
    });
    const { granted, listeners, refusedBy } = alone.open.outcome;
    const text = (what: Pick<ListenAnswer, "granted" | "listeners" | "refusedBy">) =>
      what.granted ? `listens on ${[...what.listeners].sort().join(", ")}` : `refused: ${what.refusedBy?.code ?? "no reason"}`;
    const [before, after] = [text(answer), text({ granted, listeners, ...(refusedBy ? { refusedBy } : {}) })];
    repeated.push({ principal: id, ssh: answer.ask.ssh, ...(before === after ? {} : { differs: `${before}; alone ${after}` }) });
  }
  return repeated;
}
