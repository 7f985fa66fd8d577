/** Where no single line lets a finding in, the changes that only together take it away are found. */
import { expect, test } from "vitest";
import { articleLab } from "../../../../harness/core/lab-spec.ts";
import { applyCandidate } from "../../../../harness/judgement/remedies/apply.ts";
import type { Edit, RemedyInputs } from "../../../../harness/judgement/remedies/candidate.ts";
import type { JudgedReview } from "../../../../harness/judgement/review/judge-review.ts";
import { SourceIndex } from "../../../../harness/judgement/review/reach.ts";
import { leftOfFinding } from "../../../../harness/judgement/review/remaining.ts";
import type { Changed } from "../../../../harness/pipelines/review-changes.ts";
import { tryReviewRemedies } from "../../../../harness/pipelines/try-review-remedies.ts";
import { fixLine } from "../../../../harness/report/review-lines.ts";
import { reviewWords } from "../../../../harness/report/review-words.ts";
import { wordedReview } from "../../../../harness/report/worded-review.ts";
import { closed, finding } from "../../report/review-sample.ts";
import { policyOf } from "../sample.ts";

const noSources = new SourceIndex({ classes: [], uncovered: [], inexact: [] }, articleLab());
const config = "GatewayPorts clientspecified\n";
const rules = ["ip saddr 1.0.0.0/8 accept", "ip saddr 9.9.9.9 drop", "ip saddr 2.0.0.0/8 accept", "ip saddr 3.0.0.0/8 accept"];
const fw = rules.map((rule) => `${rule}\n`).join("");

/** The finding, as far as these rules let it in, and another that sshd alone decides. */
function seen(files: RemedyInputs["files"], accepts: (rule: string) => string[]): JudgedReview {
  const lines = (files.fw ?? "").split("\n");
  const deciding = lines.flatMap((rule, at) => {
    const earlier = lines.slice(0, at).flatMap(accepts);
    return accepts(rule).some((each) => !earlier.includes(each)) ? [{ rule, file: "fw", line: at + 1 }] : [];
  });
  const open = /^GatewayPorts no$/m.test(files.sshd_config ?? "") ? [] : [...new Set(deciding.flatMap(({ rule }) => accepts(rule)))];
  const decidedBy = deciding.map((each) => ({
    layer: "server-firewall" as const,
    code: "review-rule",
    params: { rule: each.rule },
    ...each,
    rule: `inet f input ${each.rule}`,
  }));
  const own = finding("web", { kind: "listener", audience: "internet", code: "review-listener-outside", ports: "80", decidedBy });
  const other = finding("rest", { kind: "listener", audience: "internet", code: "review-listener-outside", ports: "90" });
  const rest = /^GatewayPorts no$/m.test(files.sshd_config ?? "") ? [] : ["rest"];
  return {
    review: { ...closed, findings: [...(open.length > 0 ? [own] : []), ...(rest.length > 0 ? [other] : [])] },
    exposures: new Map([
      ["web", open],
      ["rest", rest],
    ]),
    ways: [],
    sources: noSources,
  };
}

async function remedied(accepts: (rule: string) => string[]) {
  const inputs: RemedyInputs = {
    policy: policyOf({}),
    policyFile: "policy.yaml",
    sshdConfig: "sshd_config",
    files: { sshd_config: config, fw },
  };
  const tried = new Set<string>();
  const look = async (files: RemedyInputs["files"]): Promise<Changed> => {
    tried.add(JSON.stringify(files));
    return { judged: seen(files, accepts), policy: undefined as never };
  };
  const changes = {
    inputs,
    get tried() {
      return tried.size;
    },
    look,
    measure: (edits: readonly Edit[]) => look(applyCandidate(inputs.files, { code: "", params: {}, edits })),
  };
  const { review } = await tryReviewRemedies(seen(inputs.files, accepts), changes);
  const worded = wordedReview(review);
  return { remedy: worded.findings.find(({ id }) => id === "web")?.remedy, web: worded.findings[0] as never, tried: tried.size };
}

const each = (rule: string) => (rule.includes("accept") ? [rule.split(" ")[2] as string] : []);
const all = (rule: string) => (rule.includes("accept") ? ["everybody"] : []);

test.each([
  ["each lets in some", each],
  ["each lets in all: the next one decides when one is gone", all],
])("three rules: %s", async (_, accepts) => {
  const { remedy, web } = await remedied(accepts);
  expect(remedy).toMatchObject({ summary: { code: "review-remove-rule" }, also: [] });
  expect([remedy?.summary, ...(remedy?.further ?? [])].map((change) => change?.params.place)).toEqual(["fw:1", "fw:3", "fw:4"]);
  expect(remedy?.patch).toBe(
    `--- a/fw\n+++ b/fw\n@@ -1,4 +1,1 @@\n${["-", " ", "-", "-"].map((mark, at) => `${mark}${rules[at]}\n`).join("")}`,
  );
  expect(fixLine(web, reviewWords.en, "en")).toBe("remove the rule at fw:1; and remove the rule at fw:3; and remove the rule at fw:4");
  expect(fixLine(web, reviewWords.ja, "ja")).toBe(
    "fw:1 のルールを削除してください。あわせて、fw:3 のルールを削除してください。あわせて、fw:4 のルールを削除してください",
  );
});

test("the control: one rule alone, and nothing else is tried", async () => {
  const { remedy, tried } = await remedied((rule) => (rule === rules[0] ? ["everybody"] : []));
  expect(remedy).toMatchObject({ summary: { params: { place: "fw:1" } }, also: [] });
  expect(remedy?.further).toBeUndefined();
  // The one rule; of the other finding, the setting, for one account and for all.
  expect(tried).toBe(3);
});

test("a change that did nothing, or opened something, is no beginning", () => {
  const user = seen({ sshd_config: config, fw }, each);
  const web = user.review.findings[0] as never;
  const without = (line: string) => seen({ sshd_config: config, fw: fw.replace(line, "") }, each);
  expect(leftOfFinding(web, user, user, without(`${rules[0]}\n`))?.decidedBy).toHaveLength(2);
  expect(leftOfFinding(web, user, user, without(`${rules[1]}\n`))).toBeUndefined();
  const opened = { ...without(`${rules[0]}\n`), exposures: new Map([["web", ["2.0.0.0/8", "new"]]]) };
  expect(leftOfFinding(web, user, user, opened)).toBeUndefined();
});
