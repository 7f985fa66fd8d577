/** A remedy names whom the user's files name; where it cannot, it says so. */
import { describe, expect, test } from "vitest";
import { chosenIn, chosenParams, peersOf, statedIn } from "../../../../harness/judgement/remedies/peers.ts";
import type { JudgedCell } from "../../../../harness/judgement/remedies/violations.ts";
import { remediesPatchText } from "../../../../harness/report/fix-patch.ts";
import { sentenceFor } from "../../../../harness/report/sentences.ts";
import { judged, reached } from "../sample.ts";

const server = "network: { server: { interface: ens3, address: [10.100.0.12/24, '2001:DB8:1:0::12/64'] } }\n";
const host = { interfaces: [{ name: "ens3", link: { lan: "server" }, addresses: ["10.100.0.12/24", "2001:db8:1::12/64"] }] };

function cell(vantage: string, seenAs: string, target = "10.100.0.12:43234"): JudgedCell {
  return { vantage, target, evidence: { seenAs } } as JudgedCell;
}

function named(cells: JudgedCell[], text: string, others: JudgedCell[] = []) {
  return peersOf(cells, { stated: statedIn({ "policy.yaml": text }), host, others });
}

describe("a visitor is named", () => {
  test("by an address that stands in a file, however it is written", () => {
    expect(named([cell("office", "203.0.113.50")], "office: { public: 203.0.113.50 }")).toEqual([{ address: "203.0.113.50", family: 4 }]);
    expect(named([cell("office", "203.0.113.50")], "-A INPUT -s 203.0.113.50/32 -j ACCEPT")).toEqual([
      { address: "203.0.113.50", family: 4 },
    ]);
    expect(named([cell("office", "2001:db8:50::10")], "[2001:DB8:50:0::10]")).toEqual([{ address: "2001:db8:50::10", family: 6 }]);
  });

  test("on the server's own network: by that network, if a file states it", () => {
    expect(named([cell("campus", "10.100.0.20")], server)).toEqual([{ address: "10.100.0.0/24", family: 4 }]);
    expect(named([cell("campus", "2001:db8:1::20")], server)).toEqual([{ address: "2001:db8:1::/64", family: 6 }]);
    expect(named([cell("campus", "10.100.0.20")], "-A INPUT -s 10.100.0.0/24 -j DROP")).toEqual([{ address: "10.100.0.0/24", family: 4 }]);
    expect(named([cell("campus", "10.100.0.20")], "forwards: {}")).toEqual([{ address: "10.100.0.20", family: 4, chosenFor: "campus" }]);
  });

  test("by its address, if the rule must not be about somebody else on that network", () => {
    const others = [cell("guest", "10.100.0.30")];
    expect(named([cell("campus", "10.100.0.20")], server, others)).toEqual([{ address: "10.100.0.20", family: 4, chosenFor: "campus" }]);
    expect(named([cell("campus", "10.100.0.20")], server, [cell("internet", "192.0.2.66")])).toEqual([
      { address: "10.100.0.0/24", family: 4 },
    ]);
  });

  test("by an address of the lab where no file has another: that is told", () => {
    const peers = named([cell("office", "203.0.113.50"), cell("45.13.7.9", "45.13.7.9")], server);
    expect(peers.map(({ chosenFor }) => chosenFor)).toEqual(["office", "45.13.7.9"]);
    expect(chosenParams(peers)).toEqual({ chosen: ["203.0.113.50 (office)", "45.13.7.9"] });
    expect(chosenParams(named([cell("campus", "10.100.0.20")], server))).toEqual({});
    const remedy = (chosen: object) => ({ code: "accept-before", params: { rules: ["-A INPUT"], place: "rules.v4:3", ...chosen } });
    expect(sentenceFor(remedy({ chosen: ["203.0.113.50 (office)"] }))).toContain("203.0.113.50 (office) is an address of the lab");
    expect(sentenceFor(remedy({ chosen: ["203.0.113.50 (office)"] }), "ja")).toContain("203.0.113.50 (office)");
    expect(sentenceFor(remedy({}))).not.toContain("of the lab");
  });
});

test("a patch says which of the addresses that it adds are the lab's", () => {
  const seen = judged((each) => ({ ...reached(each), evidence: { seenAs: each.family === 4 ? "203.0.113.50" : "2001:db8:50::10" } }));
  const diff = "--- a/rules.v4\n+++ b/rules.v4\n@@ -1,1 +1,2 @@\n COMMIT\n+-A INPUT -s 203.0.113.50/32 -j ACCEPT\n";
  const [chosen, ...more] = chosenIn(diff, seen, statedIn({ "policy.yaml": server }));
  expect(chosen).toMatch(/^203\.0\.113\.50 \(/);
  expect(more).toEqual([]);
  expect(chosenIn(diff, seen, statedIn({ "policy.yaml": "203.0.113.50" }))).toEqual([]);
  expect(chosenIn(diff.replace("+-A", " -A"), seen, new Set())).toEqual([]);
  expect(remediesPatchText({ diff, folder: ".", chosen: [String(chosen)] })).toContain("\n# Replace 203.0.113.50");
  expect(remediesPatchText({ diff, folder: ".", chosen: [] })).not.toContain("Replace");
});
