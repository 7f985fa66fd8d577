/** Findings about what accounts can reach through the server: its own services, its neighbours, the cloud's metadata service, the internet. Pure. */

import type { Unworded } from "../../core/result.ts";
import { type ReviewFinding, type TargetKind, targetKinds } from "../../core/review.ts";
import type { DialAnswer, PrincipalFacts } from "../../core/review-facts.ts";
import { findingId } from "./finding-id.ts";
import { forwardingSetting, passedLayers, settingAllows } from "./listener-findings.ts";
import { referencesFor } from "./references.ts";
import { dialExposure, type Found, isEverybody, type ReviewInput, targetText } from "./review-input.ts";

export function targetFindings({ principals }: ReviewInput): Found[] {
  const open = principals.filter(({ dials }) => dials.some(reached));
  const alike = Map.groupBy(open, (principal) =>
    JSON.stringify([
      principal.dials.filter(reached).map(({ ask }) => targetText(ask)),
      deciding(principal).map(({ rule, file, line }) => [rule, file, line]),
    ]),
  );
  return [...alike.values()].map((group): Found => {
    const first = group[0] as PrincipalFacts;
    const dials = first.dials.filter(reached);
    const kinds = targetKinds.filter((kind) => dials.some(({ ask }) => ask.kind === kind));
    const accounts = [...new Set(group.map(({ account }) => account))];
    const finding: Unworded<ReviewFinding> = {
      id: findingId("target", "account", [...deciding(first).map(({ rule = "" }) => rule), ...dials.map(({ ask }) => targetText(ask))]),
      kind: "target",
      audience: "account",
      code: "review-target",
      params: { accounts, kinds, everybody: isEverybody(accounts, { principals }) },
      principals: group.map(({ id }) => id),
      accounts,
      listeners: [],
      targets: dials.map(({ ask }) => targetText(ask)),
      example: exampleOf(dials, kinds),
      visitors: null,
      lan: false,
      lans: [],
      destinations: [],
      server: false,
      decidedBy: deciding(first),
      passed: passedLayers(first, "permitopen"),
      references: referencesFor("target"),
    };
    const exposures = group.flatMap(({ id }) => dials.map(({ ask }) => dialExposure(id, targetText(ask))));
    return { finding, exposures };
  });
}

function reached({ answer }: DialAnswer): boolean {
  return answer === "reached";
}

/** AllowTcpForwarding, and the list of targets where it is no list of all. */
function deciding(principal: PrincipalFacts) {
  const list = principal.settings.find(({ keyword }) => keyword === "permitopen");
  const restricted = list && !/^(any)?$/i.test(list.value.trim());
  return [settingAllows(forwardingSetting(principal)), ...(restricted ? [settingAllows(list)] : [])];
}

/** The most valuable target first. */
function exampleOf(dials: readonly DialAnswer[], kinds: readonly TargetKind[]): string {
  const order: readonly TargetKind[] = ["metadata", "lan", "socket", "loopback", "own", "listed", "internet"];
  const kind = order.find((each) => kinds.includes(each));
  const target = dials.find(({ ask }) => ask.kind === kind)?.ask;
  return target ? `-L 9000:${targetText(target)}` : "";
}
