/** `forwardlab explain`: what it reads, the hints it gives, what it prints. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { explainWords } from "../../../harness/cli/explain.ts";
import { standardCertificate } from "../../../harness/openssh/certificate.ts";
import { destinationOf } from "../../../harness/openssh/forward-arguments.ts";
import type { Explanation } from "../../../harness/openssh/model/explanation.ts";
import { formatListener } from "../../../harness/openssh/model/prediction.ts";
import { signCertificate } from "../../../harness/ssh/certify.ts";
import { makeKey } from "../../../harness/ssh/keys.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "forwardlab-explain-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function config(text: string): Promise<string> {
  const path = join(folder, "sshd_config");
  await writeFile(path, text);
  return path;
}

async function explained(line: string, sshd?: string, more: readonly string[] = []): Promise<Explanation[]> {
  const words = [...(sshd === undefined ? [] : ["--sshd-config", await config(sshd)]), ...more, ...line.split(" "), "--json"];
  return (JSON.parse(await explainWords(words)) as { forwards: Explanation[] }).forwards;
}

async function listeners(line: string, sshd?: string, more: readonly string[] = []): Promise<string[]> {
  const [first] = await explained(line, sshd, more);
  return (first?.prediction.listeners ?? []).map(formatListener);
}

async function hints(line: string, sshd?: string): Promise<string[]> {
  const [first] = await explained(line, sshd);
  return (first?.hints ?? []).map(({ id }) => id);
}

const everywhere = ["0.0.0.0:43234", "[::]:43234"];
const loopback = ["127.0.0.1:43234", "[::1]:43234"];
const chosen = "GatewayPorts clientspecified\n";

describe("what it reads", () => {
  test.each([
    ["-R :43234:localhost:3389", everywhere],
    ["-fN -R :43234:localhost:3389", everywhere],
    ["ssh -R :43234:localhost:3389 alice@example.org", everywhere],
    ["ssh -N alice@example.org -R :43234:localhost:3389", everywhere],
    ["ssh -J jump -i key -p 2222 -v -R :43234:localhost:3389 example.org", everywhere],
    ["autossh -M 0 -f -N -R :43234:localhost:3389 example.org", everywhere],
    ["-R 43234", loopback],
    ["-f -R 43234:localhost:1 example.org sleep 60", loopback],
    ["-4 -R :43234:localhost:1", everywhere],
    ["-4 -L 43234:localhost:1", ["127.0.0.1:43234"]],
    ["-o AddressFamily=inet6 -D :43234", ["[::]:43234"]],
    ["-gL 43234:localhost:1", everywhere],
  ])("%s", async (line, expected) => {
    expect(await listeners(line, chosen)).toEqual(expected);
  });

  test("one quoted string is the same as words", async () => {
    const path = await config(chosen);
    const quoted = await explainWords(["--sshd-config", path, 'ssh -R ":43234:localhost:3389"']);
    const words = await explainWords(["-R", ":43234:localhost:3389", `--sshd-config=${path}`]);
    expect(quoted.split("\n").slice(1)).toEqual(words.split("\n").slice(1));
  });

  test("several forwards are explained one after the other", async () => {
    const found = await explained("-R 8080:localhost:80 -L 5555:localhost:80 -D 1080");
    expect(found.map(({ prediction }) => prediction.kind)).toEqual(["remote", "local", "dynamic"]);
  });

  test.each([
    ["alice@example.org", "alice", "example.org"],
    ["-l bob alice@example.org", "bob", "example.org"],
    ["-o User=carol example.org", "carol", "example.org"],
    ["ssh://dave@example.org:2222", "dave", "example.org"],
    ["[2001:db8::1]", undefined, "[2001:db8::1]"],
  ])("account and destination of %s", (text, account, destination) => {
    expect(destinationOf(["-R", "1:h:1", ...text.split(" ")])).toMatchObject({ account, destination });
  });

  test.each([
    ["-o RemoteForward=:43234:localhost:3389", "Bad forwarding specification"],
    ["-o LocalForward=123:localhost:456", "Missing target argument"],
    ["autossh -M 8080 -R 8080:localhost:80 example.org", "takes ports 8080 and 8081"],
    ["-F config -R 1:h:1", "no host is named"],
    ["-R 1:h:1 --openssh ten", "not a version"],
    ["-R foo", "Bad remote forwarding specification 'foo'"],
    ["-L 8080", "Bad local forwarding specification"],
    ["-R 8080:::1:80", "Bad remote forwarding specification"],
    ["-N example.org", "no forward is asked for"],
    ["-k?", "ssh has no option -?"],
    ["--sshdconfig x -R 1:h:1", "unknown option --sshdconfig"],
    ["-R 1:h:1 --lang fr", "no such language"],
    ["-R 1:h:1 --from here", "not an IP address"],
    ["-R 1:h:1 --account", "needs a value"],
    ["-R 1:h:1 --sshd-config ./does-not-exist", "cannot read"],
  ])("%s is an error for a person", async (line, message) => {
    await expect(explainWords(line.split(" "))).rejects.toMatchObject({
      name: "UserError",
      message: expect.stringContaining(message),
    });
  });
});

describe("the server's config", () => {
  const perAccount = "GatewayPorts no\nMatch User alice\n  GatewayPorts clientspecified\nMatch Address 192.0.2.0/24\n  GatewayPorts yes\n";

  test("a copy of /etc tells the groups of its accounts; --groups goes before it", async () => {
    const etc = join(folder, "etc");
    await mkdir(join(etc, "ssh"), { recursive: true });
    await writeFile(join(etc, "ssh", "sshd_config"), "Match Group tunnels\n  GatewayPorts clientspecified\n");
    await writeFile(join(etc, "passwd"), "alice:x:1001:300::/home/alice:/bin/sh\nbob:x:1002:100::/home/bob:/bin/sh\n");
    await writeFile(join(etc, "group"), "tunnels:x:300:\nusers:x:100:\n");
    const asked = (...more: string[]) => listeners("-R :43234:localhost:1", undefined, ["--sshd-config", etc, ...more]);
    expect(await asked("--account", "alice")).toEqual(everywhere);
    expect(await asked("--account", "bob")).toEqual(loopback);
    expect(await asked("--account", "bob", "--groups", "tunnels")).toEqual(everywhere);
  });

  test.each([
    [[], loopback],
    [["--account", "alice"], everywhere],
    [["--from", "192.0.2.1"], everywhere],
  ])("Match with %j", async (more, expected) => {
    expect(await listeners("-R :43234:localhost:1", perAccount, more)).toEqual(expected);
  });

  test("each reason names its line; lines that do not count are listed", async () => {
    const path = await config(perAccount);
    const text = await explainWords(["-R", ":43234:localhost:1", "--sshd-config", path]);
    expect(text).toContain(`GatewayPorts no (${path}:1)`.replace("GatewayPorts no", "because of GatewayPorts no"));
    expect(text).toContain(`${path}:3 GatewayPorts clientspecified: its Match does not apply to this login (Match User alice, ${path}:2)`);
  });

  test("groups decide Match Group; without them such a line is said to be undecided", async () => {
    const perGroup = "Match Group tunnels\n  GatewayPorts clientspecified\n";
    expect(await listeners("-R :43234:localhost:1", perGroup, ["--groups", "alice,tunnels"])).toEqual(everywhere);
    expect(await listeners("-R :43234:localhost:1", perGroup, ["--groups", "alice"])).toEqual(loopback);
    const [unknown] = await explained("-R :43234:localhost:1", perGroup);
    expect(unknown?.idle).toMatchObject([{ line: 2, because: "undecided", match: { line: 1, text: "Match Group tunnels" } }]);
  });

  test.each([
    ["Match User alice\nPort 2222\n", 2, "Directive 'Port' is not allowed within a Match block"],
    ["GatewayPorts true\n", 1, 'unsupported option "true"'],
    ["PermitListen 0\n", 1, "bad port number"],
    ["AllowTcpForwardings no\n", 1, "Bad configuration option: allowtcpforwardings"],
    ["GatewayPorts\n", 1, 'no argument after keyword "GatewayPorts"'],
  ])("a config that sshd refuses is not explained: %j", async (text, line, message) => {
    await expect(listeners("-R :43234:localhost:1", text)).rejects.toMatchObject({
      code: "sshd-config",
      message: expect.stringContaining(message),
      place: { line },
    });
  });

  test("a keyword that came later is unknown to an older sshd", async () => {
    const text = "RefuseConnection no\nGatewayPorts yes\n";
    expect(await listeners("-R 43234:localhost:1", text)).toEqual(everywhere);
    await expect(listeners("-R 43234:localhost:1", text, ["--openssh", "9.2"])).rejects.toMatchObject({ code: "sshd-config" });
  });

  test("key options count as well", async () => {
    const [first] = await explained("-R 43234:localhost:1", "", ["--key-options", "restrict"]);
    expect(first?.prediction).toMatchObject({ granted: false, refusedBy: { layer: "key-options" } });
  });

  test("a certificate counts as well, one that permits forwarding refuses nothing", async () => {
    const granted = async (extensions: readonly string[]) => {
      const path = join(folder, "id-cert.pub");
      const content = {
        ...standardCertificate(["alice"], "id"),
        extensions: extensions.map((name) => ({ name, data: Buffer.alloc(0) })),
      };
      const key = await makeKey("ed25519");
      await writeFile(path, `${signCertificate(content, key, key)}\n`);
      const [first] = await explained("-R 43234:localhost:1", "", ["--certificate", path]);
      return first?.prediction;
    };
    expect(await granted(["permit-pty"])).toMatchObject({
      granted: false,
      refusedBy: { layer: "key-options", source: { keyword: "permit-port-forwarding" } },
    });
    expect(await granted(["permit-port-forwarding", "permit-pty"])).toMatchObject({ granted: true });
    await expect(explained("-R 43234:localhost:1", "", ["--certificate", "/dev/null"])).rejects.toMatchObject({ code: "certificate" });
  });
});

describe("the client's config", () => {
  async function withClient(line: string, clientConfig: string): Promise<Explanation[]> {
    const path = join(folder, "ssh_config");
    await writeFile(path, clientConfig);
    return explained(line, chosen, ["--ssh-config", path]);
  }

  test("the forwards of the host that is named, and its account", async () => {
    const config =
      "Host other\n  RemoteForward 1 localhost:1\nHost my*\n  User alice\n  RemoteForward :43234 localhost:3389\n  LocalForward 5432 db:5432\n";
    const found = await withClient("myserver", config);
    expect(found.map(({ prediction, account }) => [prediction.kind, account])).toEqual([
      ["remote", "alice"],
      ["local", "alice"],
    ]);
    const path = join(folder, "ssh_config");
    expect(await explained(`-F ${path} bob@myserver`, chosen)).toMatchObject([{ account: "bob" }, { account: "bob" }]);
    await expect(withClient("elsewhere", config)).rejects.toMatchObject({ message: "no forward is asked for" });
  });

  test("what is typed counts before it", async () => {
    const [typed] = await withClient("-o GatewayPorts=no -L 8080:h:80 myserver", "Host *\n  GatewayPorts yes\n");
    expect(typed?.prediction.listeners.map(formatListener)).toEqual(["127.0.0.1:8080", "[::1]:8080"]);
    const [config] = await withClient("-L 8080:h:80 myserver", "Host *\n  GatewayPorts yes\n");
    expect(config?.prediction.listeners.map(formatListener)).toEqual(["0.0.0.0:8080", "[::]:8080"]);
  });

  test("what ssh refuses is refused with its line", async () => {
    await expect(withClient("myserver", "Host myserver\n  RemoteForward 123:localhost:456\n")).rejects.toMatchObject({
      code: "ssh-config",
      message: "ssh refuses the config: Bad forwarding specification.",
      place: { line: 2 },
    });
  });
});

describe("several forwards of one ssh", () => {
  test("two that the server puts on one port: the second is refused", async () => {
    const line = "-R 127.0.0.1:8123:localhost:8123 -R 198.51.100.10:8123:localhost:8123";
    expect((await explained(line, "GatewayPorts yes\n")).map(({ prediction }) => prediction.granted)).toEqual([true, false]);
    expect((await explained(line, chosen)).map(({ prediction }) => prediction.granted)).toEqual([true, true]);
  });

  test("with ExitOnForwardFailure one that is refused ends them all", async () => {
    const line = "-R 127.0.0.1:8123:localhost:8123 -R 198.51.100.10:8123:localhost:8123";
    const hinted = async (more: string) =>
      (await explained(`${more} ${line}`, "GatewayPorts yes\n")).map(({ hints: found }) =>
        found.some(({ id }) => id === "another-forward-ends-ssh"),
      );
    expect(await hinted("-o ExitOnForwardFailure=yes")).toEqual([true, false]);
    expect(await hinted("-N")).toEqual([false, false]);
  });

  test("autossh's monitoring is told", async () => {
    const [first] = await explained("autossh -M 20000 -R 8080:localhost:80");
    expect(first?.assumed[0]?.en).toContain("20000 and 20001");
  });
});

describe("hints", () => {
  test.each([
    ["-R 43234:localhost:3389", chosen, "missing-colon"],
    ["-R 43234:localhost:3389", "", "loopback-only"],
    ["-R :43234:localhost:3389", "", "ignored-address"],
    ["-R 0.0.0.0:43234:localhost:3389", "", "ignored-address"],
    ["-R 0.0.0.0:43234:localhost:3389", chosen, "one-family"],
    ["-R [::]:43234:localhost:3389", chosen, "one-family"],
    ["-g -R 43234:localhost:3389", chosen, "g-is-for-local"],
    ["-R 127.0.0.1:43234:localhost:3389", "GatewayPorts yes\n", "yes-exposes"],
    ["-R *:43234:localhost:3389", chosen, "quote-star"],
    ["-R 1080", "", "remote-socks"],
    ["-R 43234:localhost:3389", "PermitListen 127.0.0.1:43234\n", "permitlisten-string"],
    ["-R 43234:localhost:3389", "PermitListen LOCALHOST:43234\n", "permitlisten-case"],
    ["-R 443:localhost:3389", "", "privileged-port"],
    ["-fN -R 443:localhost:3389", "", "f-hides-refusal"],
    ["-R 443:localhost:3389", "", "refusal-is-a-warning"],
    ["-R :43234:localhost:3389", chosen, "ephemeral-port"],
    ["-R 8080:localhost:3389", "", "whose-localhost"],
    ["-L 8080:localhost:80", "", "whose-localhost"],
    ["-L 8080:localhost:80", "", "local-loopback"],
    ["-L 8080:localhost:80", "GatewayPorts yes\n", "server-gatewayports"],
    ["-L 8080:127.0.0.1:80", "PermitOpen localhost:80\n", "permitopen-string"],
    ["-L 80:localhost:80", "", "privileged-port"],
    ["-R 43234:localhost:3389", "AddressFamily inet\n", "one-socket"],
  ])("%s with %j: %s", async (line, sshd, hint) => {
    expect(await hints(line, sshd)).toContain(hint);
  });

  test.each([
    ["-R :8080:192.168.1.20:3389", chosen],
    ["-o ExitOnForwardFailure=yes -L :8080:example.org:80", ""],
    // ssh drops it by itself: it warns of nothing, and ExitOnForwardFailure does not count.
    ["-o ClearAllForwardings=yes -R 8080:192.168.1.20:3389", ""],
    // The port is what the list lacks, not the spelling of the address.
    ["-o ExitOnForwardFailure=yes -R 8080:192.168.1.20:3389", "PermitListen 43234 localhost:8081\n"],
  ])("nothing to say about %s", async (line, sshd) => {
    expect(await hints(line, sshd)).toEqual([]);
  });
});

describe("what it prints", () => {
  test("the picture, the steps, the table; the same in Japanese", async () => {
    const path = await config(chosen);
    const english = await explainWords(["-R", ":43234:localhost:3389", "--sshd-config", path]);
    expect(english).toContain("sshd listens on");
    expect(english).toMatch(/internet +198\.51\.100\.10:43234 +reached/);
    expect(english).toContain("`forwardlab verify` proves it");
    const japanese = await explainWords(["-R", ":43234:localhost:3389", "--sshd-config", path, "--lang", "ja"]);
    expect(japanese).toMatch(/internet +198\.51\.100\.10:43234 +到達/);
    expect(japanese.split("\n").length).toBe(english.split("\n").length);
  });

  test("one line where the same is true of everybody", async () => {
    const text = await explainWords(["-R", "443:localhost:3389"]);
    expect(text).toContain("everyone, at every address: refused.");
    expect(text).not.toContain("campus");
  });

  test("that the account may log in is taken for granted, with the lines that decide it for this account", async () => {
    const lists = "AllowUsers alice\nMatch User bob\n  DenyGroups old\n  GatewayPorts yes\n";
    const [mallory] = await explained("-R 8080:localhost:80 mallory@server", lists);
    expect(mallory?.assumed.map(({ en }) => en)).toEqual([
      expect.stringMatching(/^mallory may log in: AllowUsers alice \(.*sshd_config:1\) is not evaluated\.$/),
    ]);
    const [bob] = await explained("-R 8080:localhost:80 bob@server", lists);
    expect(bob?.assumed.map(({ ja }) => ja)).toEqual([
      expect.stringContaining("AllowUsers alice"),
      expect.stringContaining("DenyGroups old"),
    ]);
  });

  test("an address that only the server can know is taken as its own, and said to be", async () => {
    const [first] = await explained("-R 133.1.17.5:43234:localhost:1", chosen);
    expect(first?.assumed).toHaveLength(1);
    expect(first?.reach.find(({ vantage, address }) => vantage === "internet" && address === "133.1.17.5")?.verdict).toBe("reached");
    expect((await explained("-R 133.1.17.5:43234:localhost:1", ""))[0]?.assumed).toEqual([]);
  });

  test("without a config, what other values of GatewayPorts would do", async () => {
    const [first] = await explained("-R :8080:localhost:1");
    expect(first?.otherGatewayPorts.map(({ value }) => value)).toEqual(["no", "clientspecified", "yes"]);
  });
});

describe("a Match that cannot be decided here", () => {
  const sshd = "AllowTcpForwarding no\nMatch Group tunnels\n  AllowTcpForwarding yes\n  GatewayPorts yes\n";
  const told = async (...more: string[]) => explainWords(["--sshd-config", await config(sshd), ...more, "-R", "43234:localhost:3389"]);

  test("is told at the head of the answer, and each block once with what it would set", async () => {
    const text = await told();
    expect(text.split("\n")[3]).toBe(
      "  NOT CERTAIN: 2 settings stand in Match blocks that cannot be decided here, treated as not matching (--groups states the account's groups, --from the client's address).",
    );
    expect(text).toMatch(/^ {2}Match Group tunnels, \S+sshd_config:2: GatewayPorts yes; AllowTcpForwarding yes$/m);
    expect(await told("--lang", "ja")).toContain("【不確実】");
  });

  test("the control: with the groups stated nothing is uncertain", async () => {
    expect(await told("--groups", "tunnels")).not.toContain("NOT CERTAIN");
    expect(await told("--groups", "others")).not.toContain("NOT CERTAIN");
  });
});

describe("through a jump host", () => {
  const sshd = "AllowTcpForwarding no\nMatch Address 203.0.113.7\n  AllowTcpForwarding yes\n";
  const told = async (line: string, ...more: string[]) =>
    explainWords(["--sshd-config", await config(sshd), ...more, ...line.split(" "), "-R", "43234:localhost:3389", "alice@inner"]);

  test.each(["-J bastion", "-o ProxyJump=bastion", "-o ProxyCommand=bastion"])(
    "%s: the server does not see home's address",
    async (line) => {
      const text = await told(line);
      expect(text).toContain("NOT CERTAIN: 1 setting stands");
      expect(text).toMatch(/^ {2}ssh reaches inner through bastion: .* is not known \(--from states it\)\.$/m);
      expect(await told(line, "--lang", "ja")).toContain("ssh は bastion を経由して inner に接続できるものとします。");
    },
  );

  test("the address that is stated counts, and so does home's without a jump host", async () => {
    for (const [from, listens] of [
      ["203.0.113.7", true],
      ["203.0.113.8", false],
    ] as const) {
      const text = await told("-J bastion", "--from", from);
      expect(text).not.toContain("NOT CERTAIN");
      expect(text.includes("sshd listens on")).toBe(listens);
      expect(text).toContain("ssh reaches inner through bastion");
    }
    for (const line of ["-v", "-J none"]) {
      const text = await told(line);
      expect(text).toContain("sshd listens on");
      expect(text).not.toContain("ssh reaches");
    }
  });

  test("an ssh_config names it, too", async () => {
    const client = join(folder, "client");
    await writeFile(client, "Host inner\n  ProxyJump bastion\nHost plain\n  ProxyJump none\n");
    const asked = async (host: string) =>
      explainWords(["--sshd-config", await config(sshd), "--ssh-config", client, "-R", "43234:localhost:3389", host]);
    expect(await asked("inner")).toContain("NOT CERTAIN");
    expect(await asked("plain")).not.toContain("NOT CERTAIN");
  });
});

describe("the keys in a copy of the server's files", () => {
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0p9FM0iGzQGXnGqHwn4ZGKHW2fFUYVWQfD1mVdRYMC";
  const told = async (...words: string[]) => {
    const etc = join(folder, "keys-etc");
    await mkdir(join(etc, "ssh", "keys"), { recursive: true });
    await writeFile(join(etc, "ssh", "sshd_config"), "AuthorizedKeysFile /etc/ssh/keys/%u\n");
    await writeFile(join(etc, "ssh", "keys", "alice"), `restrict,port-forwarding,permitlisten="8080" ${key}\nbroken line\n${key} two\n`);
    return explainWords(["--sshd-config", etc, ...words]);
  };

  test("the options of the account's first key count, and the answer says so", async () => {
    const text = await told("--account", "alice", "-R", "43234:localhost:3389");
    expect(text).toContain('key option permitlisten="8080" does not allow');
    expect(text).toMatch(
      /^ {2}alice logs in with the key at \S+alice:1 \(restrict,\S+\), the first of 2 \(--key-options states another one's options\)\.$/m,
    );
    expect(await told("--account", "alice", "-R", "8080:localhost:3389")).toContain("sshd listens on");
  });

  test("options that are stated count in their place; an account without keys has none", async () => {
    for (const words of [
      ["--account", "alice", "--key-options", ""],
      ["--account", "bob"],
    ]) {
      const text = await told(...words, "-R", "43234:localhost:3389");
      expect(text).toContain("sshd listens on");
      expect(text).not.toContain("logs in with the key");
    }
  });
});

test("a variable in a forward is ssh's own to fill in: what it stands for is not guessed", async () => {
  for (const words of [
    ["-R", "8080:${HOST}:80"],
    ["-L", "${PORT}:localhost:80"],
    ["-o", "RemoteForward=8080 ${HOST}:80"],
  ])
    await expect(explainWords([...words, "server"])).rejects.toMatchObject({
      code: "ssh-arguments",
      message: expect.stringContaining("environment variable"),
    });
  const client = join(folder, "variables");
  await writeFile(client, `Host one\n  LocalForward \${PORT} localhost:80\nHost two\n  LocalForward 8080 localhost:80\n`);
  await expect(explainWords(["--ssh-config", client, "one"])).rejects.toMatchObject({ code: "ssh-arguments" });
  expect(await explainWords(["--ssh-config", client, "two"])).toMatch(/^ssh two\n/);
  expect(await explainWords(["-R", "8080:$HOST:80"])).toContain("sshd listens on");
});

test("a forward of an ssh_config is shown as a shell takes it", async () => {
  const client = join(folder, "several");
  await writeFile(client, "RemoteForward 9000 localhost:90\nLocalForward 8080 localhost:80\n");
  const text = await explainWords(["--ssh-config", client, "server"]);
  expect(text).toMatch(/^ssh -o 'remoteforward 9000 localhost:90'\n/);
});
