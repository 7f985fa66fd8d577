import { expect, test } from "vitest";
import { standardCertificate } from "../../../harness/openssh/certificate.ts";
import { parseEffective } from "../../../harness/openssh/effective.ts";
import { sshdConfigFromText } from "../../../harness/openssh/sshd-config.ts";
import { loginFiles } from "../../../harness/ssh/login-files.ts";
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

test("a password is a login without the options of the keys, where sshd takes one and every key has some", () => {
  const text = `restrict,port-forwarding,permitlisten="8080" ${key}\n`;
  const told = (text: string, answer: string) => plan({ authorizedKeys: file(text, "k") }, answer).notes;
  const warned = (setting: string) => [{ code: "password-without-options", params: { account: "alice", setting }, file: "k", line: 1 }];
  const any = "authenticationmethods any\npasswordauthentication yes\n";
  expect(told(text, any)).toMatchObject(warned("PasswordAuthentication yes"));
  expect(told(text, "authenticationmethods any\nkbdinteractiveauthentication yes\nusepam yes\n")).toMatchObject(
    warned("KbdInteractiveAuthentication yes"),
  );
  expect(told(text, "authenticationmethods publickey password\npasswordauthentication yes\n")).toHaveLength(1);
  expect(told(text, "authenticationmethods publickey,password\npasswordauthentication yes\n")).toEqual([]);
  expect(told(text, "authenticationmethods any\npasswordauthentication no\n")).toEqual([]);
  expect(told(text, "authenticationmethods any\nkbdinteractiveauthentication yes\nusepam no\n")).toEqual([]);
  expect(told(`${text}${key.replace("PhFckW", "PhFckX")}\n`, any)).toEqual([]);
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
    notes: [{ code: "principals-not-read", file: "p", params: { account: "alice", lacks: "AuthorizedPrincipalsFile" } }],
  });
  expect(plan(account, "none")).toMatchObject({
    by: ["key"],
    notes: [{ code: "principals-not-read", file: "p", params: { account: "alice", lacks: "TrustedUserCAKeys" } }],
  });
});

test("a CA of the user's is trusted in the lab where it is on the server, and nowhere else", () => {
  const trusted = (ca: string, text: { authorizedKeys?: string; caFile?: string; otherFile?: string }, answer = trusting) => {
    const files: Record<string, Uint8Array> = {};
    for (const [path, content] of [
      ["/etc/ssh/ca.pub", text.caFile],
      ["/etc/ssh/other.pub", text.otherFile],
    ] as const)
      if (content !== undefined) files[path] = new TextEncoder().encode(content);
    const account: ServerAccount = {
      name: "alice",
      certificates: [{ certificate: { ...standardCertificate(["alice"], "id"), ca }, display: "c.pub" }],
      ...(text.authorizedKeys === undefined ? {} : { authorizedKeys: file(text.authorizedKeys, "k") }),
    };
    const planned = planLogins(account, { answers: [parseEffective(answer)], config: { ...config, files }, version });
    const [login] = planned.logins.slice(-1);
    const authority = login?.certificate?.authority ?? "";
    const onLine = planned.keyLines.some((line) => "authority" in line && line.authority === authority);
    return `${login?.certificate?.untrusted ? "untrusted" : "trusted"}${onLine ? ", on a line" : ""}`;
  };
  expect(trusted(blob, { caFile: `# ours\n${key} ca\n` })).toBe("trusted");
  expect(trusted(blob, {})).toBe("trusted");
  expect(trusted("other", { caFile: `${key} ca\n` })).toBe("untrusted");
  expect(trusted(blob, { caFile: "", otherFile: `${key}\n` })).toBe("untrusted");
  expect(trusted(blob, { authorizedKeys: `cert-authority ${key}\n` }, "")).toBe("trusted, on a line");
  expect(trusted("other", { authorizedKeys: `cert-authority ${key}\n` }, "")).toBe("untrusted");
});

test("files: a CA of the user's in those alone that have it, principals unchanged, nothing where no line is", async () => {
  const text = "TrustedUserCAKeys /ca\nAuthorizedPrincipalsFile %h/p\nMatch User bob\nTrustedUserCAKeys /others\n";
  const both = { ...(await sshdConfigFromText(text)), files: { "/ca": new TextEncoder().encode(`${key}\n`), "/others": new Uint8Array() } };
  const source: ServerAccount = { name: "alice", authorizedPrincipals: file("# who\n\nweb\nweb\n", "p") };
  const account = {
    name: "alice",
    uid: 1001,
    gid: 1001,
    home: "/home/alice",
    shell: "",
    groups: [],
    existing: false,
    source,
    keys: [],
    notes: [],
  };
  const made = { keys: [], keyLines: [], caLines: [{ text: "lab" }, { text: "copy", ca: blob }] };
  const answers = [parseEffective("authorizedkeysfile .ssh/authorized_keys\ntrustedusercakeys /ca\nauthorizedprincipalsfile %h/p\n")];
  expect(loginFiles([{ account, made, answers }], both).files).toEqual({
    "/ca": { content: "lab\ncopy\n", mode: 0o644 },
    "/others": { content: "lab\n", mode: 0o644 },
    "/home/alice/p": { content: "# who\n\nweb\nweb\n", mode: 0o600, uid: 1001, gid: 1001 },
  });
  const bare = { ...account, source: { name: "alice" } };
  expect(loginFiles([{ account: bare, made: { ...made, keyLines: ["restrict key"] }, answers }], both).files).toMatchObject({
    "/home/alice/.ssh/authorized_keys": { content: "restrict key\n" },
    "/home/alice/p": { content: "alice\n" },
  });
});
