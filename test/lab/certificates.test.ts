/** Logins by certificate: its own options, and those of the line that lets it in, decide what it may forward. The certificates are ssh-keygen's. */
import { expect, test } from "../../harness/vitest/index.ts";
import { seen, verifyFiles } from "./cases/verify-files.ts";

type Run = (command: readonly string[]) => Promise<{ code: number | null; stdout: string; stderr: string }>;

/** What ssh-keygen makes on a host of the lab: a CA, and certificates for one key. */
async function signed(
  run: Run,
  certificates: Readonly<Record<string, readonly string[]>>,
): Promise<{ ca: string; files: Record<string, string> }> {
  const folder = "/root/certificates";
  await run([
    "sh",
    "-c",
    `rm -rf ${folder} && mkdir -p ${folder} && cd ${folder} && for name in ca other id; do ssh-keygen -q -t ed25519 -N '' -C '' -f $name; done`,
  ]);
  const files: Record<string, string> = {};
  for (const [name, options] of Object.entries(certificates)) {
    const ca = options.includes("other") ? "other" : "ca";
    const words = options.filter((each) => each !== "other");
    expect(await run(["ssh-keygen", "-q", "-s", `${folder}/${ca}`, "-I", name, ...words, `${folder}/id.pub`])).toMatchObject({ code: 0 });
    files[`${name}-cert.pub`] = (await run(["cat", `${folder}/id-cert.pub`])).stdout;
  }
  return { ca: (await run(["cat", `${folder}/ca.pub`])).stdout, files };
}

type Result = Awaited<ReturnType<typeof verifyFiles>>;

const forwardOf = (result: Result, name: string) => {
  const { status, decidedBy } = result.forwards.find((each) => each.name === name) ?? {};
  return { status, ...(decidedBy ? { code: decidedBy.code, at: `${decidedBy.file}:${decidedBy.line}` } : {}) };
};

const sshdConfig = `TrustedUserCAKeys /etc/ssh/ca.pub
Match User alice
  AuthorizedPrincipalsFile /etc/ssh/principals/%u
`;

const principals = `# who may log in as alice
everything
permitlisten="8081" web
restrict backup
from="192.0.2.1" far
`;

test("lines of a principals file are logins of their own, with their options", async () => {
  const result = await verifyFiles({
    "ssh/sshd_config": sshdConfig,
    "ssh/principals/alice": principals,
    "policy.yaml": `server:
  sshd_config: ssh
  accounts: { alice: {}, bob: {} }
forwards:
  first: { as: alice, ssh: "-R 8080:localhost:80", reachable_from: [server] }
  listed: { as: alice, key: web, ssh: "-R 8081:localhost:80", reachable_from: [server] }
  unlisted: { as: alice, key: 3, ssh: "-R 8082:localhost:80", refused_by_server: true }
  restricted: { as: alice, key: backup, ssh: "-R 8083:localhost:80", refused_by_server: true }
  elsewhere: { as: alice, key: far, ssh: "-R 8084:localhost:80", login: refused }
  by-name: { as: bob, ssh: "-R 8085:localhost:80", reachable_from: [server] }
`,
  });
  expect(result.outcome).toBe("pass");
  expect(forwardOf(result, "first")).toEqual({ status: "held" });
  expect(forwardOf(result, "unlisted")).toEqual({ status: "held", code: "key-permit-listen", at: "ssh/principals/alice:3" });
  expect(forwardOf(result, "restricted")).toEqual({ status: "held", code: "key-no-forwarding", at: "ssh/principals/alice:4" });
  expect(forwardOf(result, "elsewhere")).toEqual({ status: "held", code: "login-failed", at: "ssh/principals/alice:5" });
  expect(seen(result, { forward: "listed", vantage: "server", target: "127.0.0.1:8081" })).toEqual(["reached"]);
  const { adaptations } = result.provenance;
  expect(adaptations).toContain("server: the lab's CA in place of the user's at /etc/ssh/ca.pub (TrustedUserCAKeys)");
  expect(adaptations).toContain("server: bob logs in with a certificate of a CA of the lab, with every extension, principal bob");
  expect(adaptations).toContain(
    "server: alice logs in with a certificate of a CA of the lab, with every extension, principal backup (ssh/principals/alice:4)",
  );
});

test("what a line of a principals file refuses is mended on that line", async () => {
  const files = {
    sshd_config: "TrustedUserCAKeys /etc/ssh/ca.pub\nAuthorizedPrincipalsFile /etc/principals/%u\n",
    principals: "# who\nrestrict backup\n",
    "policy.yaml": `server: { sshd_config: sshd_config, accounts: { alice: { authorized_principals: principals } } }
forwards:
  web: { ssh: "-R 8080:localhost:80", reachable_from: [server] }
`,
  };
  const result = await verifyFiles(files, { remedies: true });
  expect(forwardOf(result, "web")).toEqual({ status: "violated", code: "key-no-forwarding", at: "principals:2" });
  expect(result.forwards[0]?.remedy?.patch).toContain(
    '-restrict backup\n+restrict,port-forwarding,permitlisten="localhost:8080",permitopen="localhost:1" backup\n',
  );
});

test("in a test of one's own, too", async ({ lab }) => {
  await lab.use({
    sshd: "TrustedUserCAKeys /etc/ssh/ca.pub\nAuthorizedPrincipalsFile /etc/ssh/principals/%u\n",
    accounts: { alice: { principals: ["web", "restrict backup"] } },
  });
  await using granted = await lab.home.ssh("-R", "8080:localhost:80");
  await using refused = await lab.home.ssh("-R", "8081:localhost:80", { key: 1 });
  expect(granted.granted).toBe(true);
  expect(refused.outcome.refusedBy).toMatchObject({ code: "key-no-forwarding", source: { file: "principals of alice", line: 2 } });
  await lab.home.equip();
  expect((await lab.home.run(["ssh", "server", "id -un"])).stdout).toBe("alice\n");
});

test("the user's own certificate counts: what it lacks, whom and where it is for", async ({ lab }) => {
  const { ca, files } = await signed((command) => lab.home.run(command), {
    full: ["-n", "everything"],
    bare: ["-n", "everything", "-O", "clear"],
    again: ["-n", "everything", "-O", "clear", "-O", "permit-port-forwarding"],
    web: ["-n", "nobody,web"],
    home: ["-n", "everything", "-O", "source-address=203.0.113.7,2001:db8::/32"],
    elsewhere: ["-n", "everything", "-O", "source-address=192.0.2.1"],
    expired: ["-n", "everything", "-V", "20200101:20210101"],
    stranger: ["-n", "stranger"],
    foreign: ["other", "-n", "everything"],
    bob: ["-n", "bob"],
  });
  const forward = (name: string, port: number, wanted: string) =>
    `  ${name}: { as: alice, certificate: ${name}-cert.pub, ssh: "-R ${port}:localhost:80", ${wanted} }\n`;
  const result = await verifyFiles({
    ...files,
    "ssh/sshd_config": sshdConfig,
    "ssh/ca.pub": ca,
    "ssh/principals/alice": principals,
    "policy.yaml": `server:
  sshd_config: ssh
  accounts: { alice: {}, bob: { certificate: bob-cert.pub } }
forwards:
${forward("full", 8080, "reachable_from: [server]")}${forward("bare", 8082, "refused_by_server: true")}${forward("again", 8083, "reachable_from: [server]")}${forward("web", 8084, "refused_by_server: true")}${forward("home", 8085, "reachable_from: [server]")}${forward("elsewhere", 8086, "login: refused")}${forward("expired", 8087, "login: refused")}${forward("stranger", 8088, "login: refused")}${forward("foreign", 8089, "login: refused")}  bob: { as: bob, ssh: "-R 8090:localhost:80", reachable_from: [server] }
`,
  });
  expect(Object.fromEntries(result.forwards.map(({ name }) => [name, forwardOf(result, name)]))).toEqual({
    full: { status: "held" },
    bare: { status: "held", code: "certificate-no-forwarding", at: "bare-cert.pub:1" },
    again: { status: "held" },
    web: { status: "held", code: "key-permit-listen", at: "ssh/principals/alice:3" },
    home: { status: "held" },
    elsewhere: { status: "held", code: "login-failed", at: "elsewhere-cert.pub:1" },
    expired: { status: "held", code: "login-failed", at: "expired-cert.pub:1" },
    stranger: { status: "held", code: "login-failed", at: "stranger-cert.pub:1" },
    foreign: { status: "held", code: "login-failed", at: "foreign-cert.pub:1" },
    bob: { status: "held" },
  });
  expect(result.outcome).toBe("pass");
});

test("a CA's line in authorized_keys: its options count for every certificate, a plain key's for its own", async ({ lab }) => {
  const { ca, files } = await signed((command) => lab.home.run(command), {
    ops: ["-n", "ops"],
    carol: ["-n", "carol"],
    bare: ["-n", "ops", "-O", "clear"],
    dave: ["-n", "dave"],
  });
  const result = await verifyFiles({
    ...files,
    sshd_config: "AllowTcpForwarding yes\n",
    "carol.keys": `cert-authority,principals="ops,dev",permitlisten="8091",permitopen="localhost:80" ${ca.trim()} the CA\nrestrict ${ca.trim()} laptop\n`,
    "dave.keys": `cert-authority,restrict ${ca}`,
    "policy.yaml": `server:
  sshd_config: sshd_config
  accounts: { carol: { authorized_keys: carol.keys }, dave: { authorized_keys: dave.keys, certificate: dave-cert.pub } }
  services: { 80: web, 81: other }
forwards:
  listed: { as: carol, ssh: "-R 8091:localhost:80", reachable_from: [server] }
  unlisted: { as: carol, key: the CA, ssh: "-R 8092:localhost:80", refused_by_server: true }
  opened: { as: carol, key: 1, ssh: "-L 8093:localhost:80", reachable_from: [home] }
  closed: { as: carol, key: 1, ssh: "-L 8094:localhost:81", reachable_from: [] }
  plain: { as: carol, key: laptop, ssh: "-R 8091:localhost:80", refused_by_server: true }
  ops: { as: carol, certificate: ops-cert.pub, ssh: "-R 8091:localhost:80", reachable_from: [server] }
  ops-unlisted: { as: carol, certificate: ops-cert.pub, ssh: "-R 8095:localhost:80", refused_by_server: true }
  bare: { as: carol, certificate: bare-cert.pub, ssh: "-R 8091:localhost:80", refused_by_server: true }
  other-name: { as: carol, certificate: carol-cert.pub, ssh: "-R 8091:localhost:80", login: refused }
  dave: { as: dave, ssh: "-R 8096:localhost:80", refused_by_server: true }
`,
  });
  expect(Object.fromEntries(result.forwards.map(({ name }) => [name, forwardOf(result, name)]))).toEqual({
    listed: { status: "held" },
    unlisted: { status: "held", code: "key-permit-listen", at: "carol.keys:1" },
    opened: { status: "held" },
    closed: { status: "optional" },
    plain: { status: "held", code: "key-no-forwarding", at: "carol.keys:2" },
    ops: { status: "held" },
    "ops-unlisted": { status: "held", code: "key-permit-listen", at: "carol.keys:1" },
    bare: { status: "held", code: "certificate-no-forwarding", at: "bare-cert.pub:1" },
    "other-name": { status: "held", code: "login-failed", at: "carol-cert.pub:1" },
    dave: { status: "held", code: "key-no-forwarding", at: "dave.keys:1" },
  });
  expect(seen(result, { forward: "closed", vantage: "home", target: "127.0.0.1:8094" })).toEqual(["closed carol.keys:1"]);
  expect(result.outcome).toBe("pass");
});

test.for([
  ["8.4", "everything"],
  ["9.2", "only 8081"],
  ["10.0", "only 8081"],
  ["10.6", "only 8081"],
] as const)("a CA in both places: OpenSSH %s takes the line that permits %s", async ([openssh, permits], { lab }) => {
  const { ca, files } = await signed((command) => lab.home.run(command), { alice: ["-n", "alice"] });
  const result = await verifyFiles({
    ...files,
    "ssh/sshd_config": "TrustedUserCAKeys /etc/ssh/ca.pub\n",
    "ssh/ca.pub": ca,
    "alice.keys": `cert-authority,permitlisten="8081" ${ca}`,
    "policy.yaml": `server:
  sshd_config: ssh
  openssh: "${openssh}"
  accounts: { alice: { authorized_keys: alice.keys, certificate: alice-cert.pub } }
forwards:
  listed: { ssh: "-R 8081:localhost:80", reachable_from: [server] }
  other: { ssh: "-R 8082:localhost:80" }
`,
  });
  expect(forwardOf(result, "listed")).toEqual({ status: "held" });
  expect(forwardOf(result, "other")).toEqual({
    status: "optional",
    ...(permits === "everything" ? {} : { code: "key-permit-listen", at: "alice.keys:1" }),
  });
});

test.for(["8.4", "10.6"])("OpenSSH %s: certificates alone, a CA of another type, principals that a command names", async (openssh) => {
  const result = await verifyFiles({
    sshd_config: `TrustedUserCAKeys /etc/ssh/ca.pub
AuthorizedKeysFile none
AuthorizedPrincipalsCommand /usr/local/bin/principals %u
AuthorizedPrincipalsCommandUser nobody
PubkeyAcceptedKeyTypes ecdsa-sha2-nistp256-cert-v01@openssh.com
CASignatureAlgorithms rsa-sha2-512
`,
    "alice.principals": 'permitlisten="8081" ci\n',
    "policy.yaml": `server:
  sshd_config: sshd_config
  openssh: "${openssh}"
  accounts: { alice: { authorized_principals: alice.principals }, bob: {} }
forwards:
  listed: { as: alice, ssh: "-R 8081:localhost:80", reachable_from: [server] }
  unlisted: { as: alice, ssh: "-R 8082:localhost:80", refused_by_server: true }
  unknown: { as: bob, ssh: "-R 8083:localhost:80", reachable_from: [server] }
`,
  });
  expect(result.outcome).toBe("pass");
  expect(forwardOf(result, "unlisted")).toEqual({ status: "held", code: "key-permit-listen", at: "alice.principals:1" });
  const told = (texts: readonly string[]) => texts.filter((text) => text.includes("AuthorizedPrincipalsCommand"));
  expect(told(result.warnings)).toEqual([
    "sshd_config:3: AuthorizedPrincipalsCommand /usr/local/bin/principals %u cannot be run in the lab: the principals it prints for bob, and their options, are not tested; save its output and supply it as `accounts.bob.authorized_principals`",
  ]);
  expect(told(result.provenance.adaptations)).toContain(
    "server: AuthorizedPrincipalsCommand /usr/local/bin/principals %u is not run: alice has the principals that the policy names",
  );
  expect(result.provenance.adaptations.filter((text) => /AuthorizedKeysFile|Accepted|CASignature/.test(text))).toEqual([]);
});

test.for([
  ["10.0", "refused"],
  ["10.6", "let in"],
] as const)("OpenSSH %s: with AuthorizedPrincipalsFile none in a Match block the account's own name is %s", async ([openssh, how]) => {
  const refused = how === "refused";
  const wanted = refused ? "login: refused" : "reachable_from: [server]";
  const result = await verifyFiles({
    sshd_config:
      "TrustedUserCAKeys /etc/ssh/ca.pub\nAuthorizedPrincipalsFile /etc/principals/%u\nMatch User bob\n  AuthorizedPrincipalsFile none\n",
    "policy.yaml": `server: { sshd_config: sshd_config, openssh: "${openssh}", accounts: { bob: {} } }
forwards:
  web: { ssh: "-R 8080:localhost:80", ${wanted} }
`,
  });
  expect(result.outcome).toBe("pass");
  if (refused) expect(forwardOf(result, "web")).toEqual({ status: "held", code: "login-failed", at: "sshd_config:4" });
  const told = result.warnings.filter((text) => text.startsWith("sshd_config:4: in a Match block, this OpenSSH takes"));
  expect(told).toHaveLength(refused ? 1 : 0);
});
