import { expect, test } from "vitest";
import { standardCertificate } from "../../../harness/openssh/certificate.ts";
import { parseEffective } from "../../../harness/openssh/effective.ts";
import { sshdConfigFromText } from "../../../harness/openssh/sshd-config.ts";
import { planLogins } from "../../../harness/ssh/plan-logins.ts";
import type { ServerAccount } from "../../../harness/ssh/ssh-server.ts";

const config = await sshdConfigFromText("");
const version = { text: "", major: 10, minor: 0 };
const trusting = "trustedusercakeys /etc/ssh/ca.pub\n";
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFPhFckWagB0Amn7A0xkwDFhBKHQwYn7EpIcS2CAdxTt";
const blob = key.split(" ")[1] as string;
const file = (text: string, display: string) => [{ text, display }];

function plan(account: Omit<ServerAccount, "name">, ...answers: string[]) {
  const facts = { answers: answers.map(parseEffective), config, version };
  const { logins, keyLines, trusted, notes } = planLogins({ name: "alice", ...account }, facts);
  const by = logins.map(({ options, certificate }) =>
    [options, certificate ? `certificate for ${certificate.content.principals}` : "key"].filter(Boolean).join(" "),
  );
  return { by, keyLines: keyLines.map((line) => ("login" in line ? "key" : "CA")), trusted, notes };
}

test.each([
  ["nothing is known: a plain key", {}, ["none"], ["key"], ["key"]],
  ["no key on the server", { authorizedKeys: file("", "k") }, ["none"], [], []],
  ["a CA is trusted: a certificate for the account's name", {}, [trusting], ["certificate for alice"], []],
  ["also where it is known that there is no key", { authorizedKeys: file("", "k") }, [trusting], ["certificate for alice"], []],
  ["not trusted for every connection: a plain key", {}, [trusting, "trustedusercakeys none\n"], ["key"], ["key"]],
  ["keys of its own go before", { authorizedKeys: file(`restrict ${key}\n`, "k") }, [trusting], ["restrict key"], ["key"]],
  [
    "a CA's line",
    { authorizedKeys: file(`cert-authority,principals="b,c" ${key}\n`, "k") },
    ["none"],
    ['cert-authority,principals="b,c" certificate for b'],
    ["CA"],
  ],
])("%s", (_, account, answers, by, keyLines) => {
  expect(plan(account, ...answers)).toMatchObject({ by, keyLines, notes: [] });
});

test("principals are logins where sshd reads them, and told of where it does not", () => {
  const account = { authorizedPrincipals: file("web\nrestrict ops\n", "p") };
  const listing = `${trusting}authorizedprincipalsfile /p\n`;
  expect(plan(account, listing)).toMatchObject({ by: ["certificate for web", "restrict certificate for ops"], notes: [] });
  expect(plan(account, `${trusting}authorizedprincipalscommand /bin/list\n`)).toMatchObject({
    by: ["certificate for web", "restrict certificate for ops"],
  });
  expect(plan(account, trusting)).toMatchObject({
    by: ["certificate for alice"],
    notes: ["p is not read for alice: no AuthorizedPrincipalsFile applies to its logins"],
  });
  expect(plan(account, "none")).toMatchObject({
    by: ["key"],
    notes: ["p is not read for alice: no TrustedUserCAKeys applies to its logins"],
  });
});

test("a CA of the user's is trusted in the lab where it is on the server, and nowhere else", () => {
  const certificate = (ca: string) => ({
    certificates: [{ certificate: { ...standardCertificate(["alice"], "id"), ca }, display: "c.pub" }],
  });
  const trusted = (account: Omit<ServerAccount, "name">, ca: string, pub?: string) => {
    const files: Record<string, Uint8Array> = pub ? { "/etc/ssh/ca.pub": new TextEncoder().encode(pub) } : {};
    const facts = {
      answers: [parseEffective(pub === undefined ? "" : trusting)],
      config: { ...config, files },
      version,
    };
    const planned = planLogins({ name: "alice", ...account, ...certificate(ca) }, facts);
    const [login] = planned.logins.slice(-1);
    const authority = login?.certificate?.authority ?? "";
    return {
      inFile: planned.trusted.includes(authority),
      onLine: planned.keyLines.some((line) => "authority" in line && line.authority === authority),
      untrusted: login?.certificate?.untrusted ?? false,
    };
  };
  const authorizedKeys = file(`cert-authority ${key}\n`, "k");
  expect(trusted({}, blob, `# ours\n${key} ca\n`)).toEqual({ inFile: true, onLine: false, untrusted: false });
  expect(trusted({}, blob, "")).toEqual({ inFile: true, onLine: false, untrusted: false });
  expect(trusted({}, "other", `${key} ca\n`)).toEqual({ inFile: false, onLine: false, untrusted: true });
  expect(trusted({ authorizedKeys }, blob)).toEqual({ inFile: false, onLine: true, untrusted: false });
  expect(trusted({ authorizedKeys }, "other")).toEqual({ inFile: false, onLine: false, untrusted: true });
});
