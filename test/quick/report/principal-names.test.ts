/** Whom a finding of a review names: a login once, where it comes to the same from everywhere. */
import { expect, test } from "vitest";
import { principalNames } from "../../../harness/report/review-lines.ts";

const all = [
  "alice keys/alice:1 from elsewhere",
  "alice keys/alice:1 from 198.51.100.0/24,203.0.113.0/25",
  "alice keys/alice:2 from elsewhere",
  "alice keys/alice:2 from 198.51.100.0/24,203.0.113.0/25",
  "bob keys/bob:1 from elsewhere port 22",
  "bob keys/bob:1 from 10.0.0.0/8 port 22",
  "bob keys/bob:1 from elsewhere port 2222",
].map((id) => ({ id }));
const named = (principals: string[], accounts = ["alice", "bob"]) => principalNames({ principals, accounts }, all);

test("from everywhere", () => {
  expect(named(all.slice(0, 2).map(({ id }) => id))).toEqual(["alice keys/alice:1"]);
  expect(named(all.map(({ id }) => id))).toEqual([
    "alice keys/alice:1",
    "alice keys/alice:2",
    "bob keys/bob:1 port 22",
    "bob keys/bob:1 from elsewhere port 2222",
  ]);
});

test("from some places only, these are told; accounts say enough by themselves", () => {
  expect(named([all[0]?.id ?? "", all[2]?.id ?? "", all[3]?.id ?? ""])).toEqual([
    "alice keys/alice:1 from elsewhere",
    "alice keys/alice:2",
  ]);
  expect(named(["bob"])).toEqual([]);
});
