import { expect, test } from "vitest";
import { standardCertificate } from "../../../harness/openssh/certificate.ts";
import { acceptingPlace, principalsOf, statedLogins } from "../../../harness/openssh/stated-logins.ts";

const blob = "AAAAC3NzaC1lZDI1NTE5AAAAIFPhFckWagB0Amn7A0xkwDFhBKHQwYn7EpIcS2CAdxTt";
const key = `ssh-ed25519 ${blob}`;
const { logins, notes } = statedLogins({
  authorizedKeys: [
    { text: `${key} laptop\nno-such-option ${key}\n`, display: "keys" },
    { text: `cert-authority,principals="ops,dev",restrict ${key} CA\ncert-authority ${key}\n`, display: "more" },
  ],
  authorizedPrincipals: [{ text: "restrict web\nalice\n", display: "principals" }],
});

test("lines of key files come first, each with its place and its name", () => {
  expect(logins.map(({ by, place, name }) => `${by} ${place.file}:${place.line} ${name}`)).toEqual([
    "key keys:1 laptop",
    "ca more:1 CA",
    "ca more:2 ",
    "principal principals:1 web",
    "principal principals:2 alice",
  ]);
  expect(notes).toMatchObject([{ code: "login-line-ignored", params: { option: "no-such-option" }, file: "keys", line: 2 }]);
});

test("a CA's line names principals, otherwise the account's name counts", () => {
  expect(logins.slice(1).map((login) => principalsOf(login, "bob"))).toEqual([["ops", "dev"], ["bob"], ["web"], ["alice"]]);
});

const everywhere = { account: "alice", trusted: true, listed: true, trustedFirst: false };
const accepted = (principals: string[], trust: Partial<typeof everywhere> = {}, ca = blob) => {
  const place = acceptingPlace({ ...standardCertificate(principals, "id"), ca }, logins, { ...everywhere, ...trust });
  return place && (place.line ? `${place.line.place.file}:${place.line.place.line}` : "by name");
};

test.each([
  ["the first line that has one of its principals", accepted(["x", "dev"]), "more:1"],
  ["a line without principals: the account's name", accepted(["alice"]), "more:2"],
  ["TrustedUserCAKeys first, in old versions", accepted(["alice", "ops"], { trustedFirst: true }), "principals:2"],
  ["another CA: TrustedUserCAKeys alone", accepted(["alice", "ops"], {}, "other"), "principals:2"],
  ["a principal that no line lists", accepted(["bob"]), undefined],
  ["nothing is listed: the account's name", accepted(["alice"], { listed: false }, "other"), "by name"],
  ["nothing is listed: another name", accepted(["web"], { listed: false }, "other"), undefined],
  ["a CA that is trusted nowhere", accepted(["alice", "ops"], { trusted: false }, "other"), undefined],
])("%s", (_, place, expected) => {
  expect(place).toBe(expected);
});

test("lines with other options for one key are told of once, for sshd uses one of them only", () => {
  const told = (...lines: string[]) => statedLogins({ authorizedKeys: [{ text: `${lines.join("\n")}\n`, display: "k" }] }).notes;
  expect(told(`from="10.0.0.1" ${key} a`, `${key} b`, `restrict ${key} c`)).toMatchObject([
    { code: "key-repeated", params: { first: "k:1", others: 1 }, file: "k", line: 2 },
  ]);
  expect(told(`restrict ${key} a`, `restrict ${key} b`)).toEqual([]);
  expect(told(`restrict ${key} a`, `cert-authority ${key} CA`, `${key.replace("PhFckW", "PhFckX")} other`)).toEqual([]);
});
