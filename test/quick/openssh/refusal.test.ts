import { describe, expect, test } from "vitest";
import { ForwardWatch } from "../../../harness/openssh/client-log.ts";
import { failedDials } from "../../../harness/openssh/failed-dials.ts";
import { parseForwardArguments } from "../../../harness/openssh/forward-arguments.ts";
import type { KeyInQuestion } from "../../../harness/openssh/gates.ts";
import { LoginError, loginError, loginReason } from "../../../harness/openssh/login-failure.ts";
import { permitsListening } from "../../../harness/openssh/permit-list.ts";
import { explainClosed, explainRefusal } from "../../../harness/openssh/refusal.ts";
import { sshCommand } from "../../../harness/openssh/ssh-command.ts";
import { wireString } from "../../../harness/openssh/ssh-wire.ts";
import { newListeners } from "../../../harness/ssh/forward-listeners.ts";

function explain(
  ssh: string,
  settings: Record<string, string>,
  given: { keyOptions?: string; certificate?: KeyInQuestion["certificate"]; server?: string[]; client?: string[] } = {},
) {
  return explainRefusal({
    request: parseForwardArguments(ssh).request,
    settings: (keyword) => ({ keyword, value: settings[keyword] ?? "", file: "sshd_config", line: 4 }),
    key: { options: given.keyOptions ?? "", file: "alice.keys", line: 2, ...(given.certificate ? { certificate: given.certificate } : {}) },
    serverLog: given.server ?? [],
    clientLog: given.client ?? [],
  });
}

describe("who refused", () => {
  test("sshd's settings, with their line", () => {
    expect(explain("-R 1:h:1", { allowtcpforwarding: "local" })).toEqual({
      layer: "sshd-policy",
      code: "allow-tcp-forwarding",
      params: { direction: "remote" },
      text: "AllowTcpForwarding local",
      source: { keyword: "allowtcpforwarding", value: "local", file: "sshd_config", line: 4 },
    });
    expect(explain("-R 1:h:1", { allowtcpforwarding: "yes", disableforwarding: "yes" })?.text).toBe("DisableForwarding yes");
    expect(explain("-R 43234:h:1", { permitlisten: "127.0.0.1:43234" })?.text).toBe(
      "PermitListen 127.0.0.1:43234 (ssh asked for localhost, port 43234)",
    );
  });

  test("the key's options, with theirs", () => {
    expect(explain("-R 1:h:1", {}, { keyOptions: "restrict,pty" })).toEqual({
      layer: "key-options",
      code: "key-no-forwarding",
      params: {},
      text: "key option restrict",
      source: { keyword: "restrict", value: "restrict", keyOption: true, file: "alice.keys", line: 2 },
    });
    expect(explain("-R :1:h:1", { permitlisten: "any" }, { keyOptions: 'permitlisten="localhost:1"' })).toMatchObject({
      layer: "key-options",
      code: "key-permit-listen",
      text: 'key option permitlisten="localhost:1" (ssh asked for the empty address, port 1)',
      source: { keyword: "permitlisten", value: 'permitlisten="localhost:1"', keyOption: true },
    });
  });

  test("the certificate, after the line that lets it in", () => {
    const bare = { permitsForwarding: false, file: "id-cert.pub" };
    expect(explain("-R 1:h:1", {}, { certificate: bare })).toEqual({
      layer: "key-options",
      code: "certificate-no-forwarding",
      params: {},
      text: "the certificate lacks permit-port-forwarding",
      source: { keyword: "permit-port-forwarding", value: "permit-port-forwarding", file: "id-cert.pub", line: 1, keyOption: true },
    });
    expect(explain("-R 1:h:1", {}, { certificate: bare, keyOptions: "restrict" })?.code).toBe("key-no-forwarding");
    expect(explain("-R 1:h:1", {}, { certificate: bare, keyOptions: "port-forwarding" })?.code).toBe("certificate-no-forwarding");
    expect(explain("-R 1:h:1", {}, { certificate: { ...bare, permitsForwarding: true } })).toBeUndefined();
    expect(explain("-R 2:h:1", {}, { certificate: { ...bare, permitsForwarding: true }, keyOptions: 'permitlisten="1"' })?.code).toBe(
      "key-permit-listen",
    );
  });

  test("the kernel, in sshd's words; another forward's port does not count", () => {
    const server = ["bind [127.0.0.1]:8080: Address already in use", "bind [127.0.0.1]:80: Permission denied"];
    expect(explain("-R 80:h:1", {}, { server })).toEqual({
      layer: "bind-address",
      code: "port-privileged",
      params: { address: "127.0.0.1", port: 80, error: "Permission denied" },
      text: "bind [127.0.0.1]:80: Permission denied: a port below 1024 is only for root",
    });
    expect(explain("-R 81:h:1", {}, { server })).toBeUndefined();
  });

  test("a socket of -R: its own setting first, then what counts for it, too; PermitListen does not", () => {
    const socket = "-R /tmp/x.sock:h:1";
    expect(explain(socket, { allowstreamlocalforwarding: "local", allowtcpforwarding: "no" })).toMatchObject({
      layer: "sshd-policy",
      text: "AllowStreamLocalForwarding local",
      source: { line: 4 },
    });
    expect(explain(socket, { disableforwarding: "yes" })?.text).toBe("DisableForwarding yes");
    expect(explain(socket, {}, { keyOptions: "restrict" })?.layer).toBe("key-options");
    expect(explain(socket, { allowtcpforwarding: "local" })?.text).toBe("AllowTcpForwarding local (it refuses sockets, too)");
    expect(explain(socket, { permitlisten: "none" }, { keyOptions: 'permitlisten="1"' })).toBeUndefined();
    expect(explain("-R 1:/run/y.sock", { allowstreamlocalforwarding: "no" })).toBeUndefined();
  });

  test("a path that cannot be bound, in sshd's words or ssh's; another path does not count", () => {
    const said = ["unix_listener: cannot bind to path /tmp/x.sock: Address already in use"];
    expect(explain("-R /tmp/x.sock:h:1", {}, { server: said })).toMatchObject({
      layer: "bind-address",
      text: expect.stringContaining("StreamLocalBindUnlink"),
    });
    expect(explain("-L /tmp/x.sock:h:1", {}, { client: said })?.layer).toBe("client");
    expect(explain("-R /tmp/y.sock:h:1", {}, { server: said })).toBeUndefined();
    const foreign = ["unlink(/tmp/x.sock): Operation not permitted", ...said];
    expect(explain("-R /tmp/x.sock:h:1", {}, { server: foreign })?.text).toContain("belongs to another account");
  });

  test("a socket as target of -L is closed for each visitor: told once it has happened", () => {
    const denied = ["channel 2: open failed: connect failed: open failed"];
    const said = ["Received request to connect to path /run/app.sock, but the request was denied."];
    const why = (settings: Record<string, string>, options = "", clientLog = denied, ssh = "-L 8080:/run/app.sock", serverLog = said) => {
      const { request } = parseForwardArguments(ssh);
      const question = { request, settings: (keyword: string) => ({ keyword, value: settings[keyword] ?? "" }), key: { options } };
      return explainClosed(question, failedDials(request.kind, clientLog, serverLog));
    };
    expect(why({ allowstreamlocalforwarding: "remote", disableforwarding: "yes" })?.source?.keyword).toBe("allowstreamlocalforwarding");
    expect(why({ disableforwarding: "yes" }, "restrict")?.source?.keyword).toBe("disableforwarding");
    expect(why({ allowtcpforwarding: "no" }, "restrict")).toMatchObject({ layer: "key-options", source: { keyword: "restrict" } });
    expect(why({ allowtcpforwarding: "remote" })?.source?.keyword).toBe("allowtcpforwarding");
    expect(why({ permitopen: "none" }, 'permitopen="h:1"')?.layer).toBe("sshd-policy");
    expect(why({ permitopen: "any" }, 'permitopen="h:1"')?.layer).toBe("key-options");
    expect(why({ permitopen: "localhost:80" })?.text).toBe("PermitOpen localhost:80 does not allow /run/app.sock");
    expect(why({ allowtcpforwarding: "no" }, "", [])).toBeUndefined();
    expect(why({ permitopen: "any" })).toBeUndefined();
    // The account may not open the path: ssh is told the same.
    const failed = ["connect to /run/app.sock port -2 failed: Permission denied"];
    expect(why({ permitopen: "*:*" }, "", denied, "-L 8080:/run/app.sock", failed)).toBeUndefined();
  });

  test("the address family", () => {
    const server = ["error: channel_setup_fwd_listener_tcpip: getaddrinfo(::): Address family for hostname not supported"];
    expect(explain("-R [::]:1:h:1", { addressfamily: "inet" }, { server })).toMatchObject({
      layer: "bind-address",
      source: { keyword: "addressfamily" },
    });
  });

  test("the client's own side", () => {
    const client = ["debug1: x", "bind [198.51.100.9]:8080: Cannot assign requested address", "Could not request local forwarding."];
    expect(explain("-L 198.51.100.9:8080:h:1", { allowtcpforwarding: "no" }, { client })).toMatchObject({ layer: "client" });
  });
});

/** Rows and columns of the table measured on OpenSSH 9.2 and 10.5. */
test.each([
  ["43234", ["localhost", "127.0.0.1", "::1", "", "0.0.0.0", "198.51.100.10"]],
  ["localhost:43234", ["localhost"]],
  ["local*:43234", ["localhost"]],
  ["127.0.0.1:43234", ["127.0.0.1"]],
  ["[::1]:43234", ["::1"]],
  ["0.0.0.0:43234", ["0.0.0.0"]],
  [":43234", [""]],
  ["198.51.100.?:43234", []],
  ["198.51.100.??:43234", ["198.51.100.10"]],
  ["localhost:*", ["localhost"]],
  ["*:*", ["localhost", "127.0.0.1", "::1", "", "0.0.0.0", "198.51.100.10"]],
  ["LOCALHOST:43234", []],
  ["none", []],
])("PermitListen %s", (entry, allowed) => {
  const asked = ["localhost", "127.0.0.1", "::1", "", "0.0.0.0", "198.51.100.10"];
  expect(asked.filter((address) => permitsListening([entry], address, 43234))).toEqual(allowed);
});

test("port 0 needs a star", () => {
  expect(permitsListening(["localhost:*"], "localhost", 0)).toBe(true);
  expect(permitsListening(["43234"], "localhost", 0)).toBe(false);
});

describe("what ssh says", () => {
  const watch = (ssh: string, lines: string[]) => {
    const { request } = parseForwardArguments(ssh);
    const follower = new ForwardWatch(request.kind, request.listenPort);
    const at = lines.findIndex((line) => follower.read(line));
    return { at, ...follower.news };
  };
  const login = [
    'Authenticated to 198.51.100.10 ([198.51.100.10]:22) using "publickey".',
    "debug1: Remote connections from :43234 forwarded to local address localhost:3389",
  ];

  test("remote forward", () => {
    const lines = [
      ...login,
      "debug1: Entering interactive session.",
      "debug1: remote forward success for: listen :43234, connect localhost:3389",
    ];
    expect(watch("-R :43234:localhost:3389", lines)).toMatchObject({ at: 3, granted: true, authenticated: true });
  });
  test("refused", () => {
    const lines = [
      ...login,
      "debug1: remote forward failure for: listen 80, connect localhost:3389",
      "Warning: remote port forwarding failed for listen port 80",
    ];
    expect(watch("-R 80:localhost:3389", lines)).toMatchObject({ at: 3, granted: false });
  });
  test("port 0 is ready when its number is known", () => {
    const lines = [
      ...login,
      "debug1: remote forward success for: listen 0, connect localhost:3389",
      "Allocated port 41391 for remote forward to localhost:3389",
    ];
    expect(watch("-R 0:localhost:3389", lines)).toMatchObject({ at: 3, granted: true, allocatedPort: 41391 });
  });
  test("local forward", () => {
    const lines = [
      login[0] as string,
      "debug1: Local forwarding listening on ::1 port 8080.",
      "bind [::1]:8080: Address already in use",
      "debug1: Entering interactive session.",
    ];
    expect(watch("-L 8080:h:1", lines)).toMatchObject({ at: 3, granted: true });
    lines.splice(3, 0, "Could not request local forwarding.");
    expect(watch("-L 8080:h:1", lines)).toMatchObject({ at: 3, granted: false });
  });
  test("ClearAllForwardings: nothing was asked for", () => {
    expect(watch("-R 1:h:1", [login[0] as string, "debug1: Entering interactive session."])).toMatchObject({ at: 1, granted: false });
  });
  test("a login that fails says nothing about the forward", () => {
    expect(watch("-R 1:h:1", ["alice@198.51.100.10: Permission denied (publickey)."])).toMatchObject({
      at: -1,
      authenticated: false,
      granted: undefined,
    });
  });
});

test("why a login failed, in sshd's words; another account's trouble is not ours", () => {
  const log = [
    "User bob from 203.0.113.7 not allowed because not listed in AllowUsers",
    "User alice not allowed because account is locked",
  ];
  expect(loginReason(log, "alice")).toEqual({ kind: "account-denied", said: "User alice not allowed because account is locked" });
  expect(loginReason(log, "bob")).toMatchObject({ kind: "account-denied", keyword: "allowusers" });
  expect(loginReason(["Connection from 203.0.113.7 port 1 on 198.51.100.10 port 22"], "alice")).toBeUndefined();
});

test("a server that is not reached is not a login that failed, and options that ssh refuses are neither", () => {
  const facts = {
    account: "alice",
    address: "198.51.100.10",
    key: { index: 0, key: { type: "ed25519" as const, privateKey: "", publicKey: "" }, options: "" },
    keyCount: 1,
    serverLog: [],
  };
  expect(loginError({ ...facts, clientLog: ["ssh: connect to host 198.51.100.10 port 22: Connection timed out"] }).code).toBe(
    "ssh-connect",
  );
  expect(loginError({ ...facts, clientLog: ["command-line line 0: Bad number."] })).toMatchObject({
    code: "ssh-options",
    message: "ssh exits before it connects: command-line line 0: Bad number.",
  });
  const denied = loginError({
    ...facts,
    clientLog: ["debug1: Connection established.", "alice@h: Permission denied (publickey)."],
    serverLog: ["User alice from 203.0.113.7 not allowed because not listed in AllowUsers"],
    source: (keyword) => ({ keyword, value: "bob", file: "sshd_config", line: 9 }),
  });
  expect(denied).toBeInstanceOf(LoginError);
  expect((denied as LoginError).failure).toEqual({
    kind: "account-denied",
    said: "User alice from 203.0.113.7 not allowed because not listed in AllowUsers",
    source: { keyword: "allowusers", value: "bob", file: "sshd_config", line: 9 },
  });
  expect(denied.place).toEqual({ file: "sshd_config", line: 9 });
  expect(loginError({ ...facts, clientLog: ["debug1: Connection established.", "alice@h: Permission denied (publickey)."] })).toMatchObject(
    {
      code: "ssh-login",
      message: "account alice cannot log in to 198.51.100.10: alice@h: Permission denied (publickey).",
    },
  );
});

const content = {
  principals: ["web", "ops"],
  validAfter: BigInt(Date.UTC(2026, 0, 1) / 1000),
  validBefore: BigInt(Date.UTC(2026, 1, 1) / 1000),
  criticalOptions: [{ name: "source-address", data: wireString("10.0.0.0/8") }],
};

test.each([
  ["Certificate invalid: expired", "key-expired", "valid before 2026-02-01T00:00:00.000Z"],
  [
    'Refusing certificate ID "x" serial=0 signed by ED25519 CA SHA256:x via /ca.pub: Certificate invalid: not yet valid',
    "key-expired",
    "valid after 2026-01-01T00:00:00.000Z",
  ],
  ["error: Certificate does not contain an authorized principal", "principal-refused", "principals web,ops"],
  ["Certificate invalid: name is not a listed principal", "principal-refused", "principals web,ops"],
  [
    "Authentication tried for alice with valid certificate but not from a permitted source address (203.0.113.7).",
    "key-source-refused",
    "source-address=10.0.0.0/8",
  ],
  ['Certificate critical option "new" is not supported', "certificate-refused", "certificate"],
  ["", "certificate-refused", "certificate"],
])("a certificate that is turned away is named: %s", (said, kind, value) => {
  const certificate = { content, file: "id-cert.pub", ...(said === "" ? { untrusted: true as const } : {}) };
  const denied = loginError({
    account: "alice",
    address: "198.51.100.10",
    key: { index: 0, options: "", certificate },
    keyCount: 1,
    clientLog: ["debug1: Connection established.", "alice@h: Permission denied (publickey)."],
    serverLog: said === "" ? [] : [said],
  });
  expect((denied as LoginError).failure).toMatchObject({ kind, source: { value, file: "id-cert.pub", line: 1, keyOption: true } });
  expect(denied).toMatchObject({ place: { file: "id-cert.pub", line: 1 }, found: "id-cert.pub, without options" });
});

test("a principal of the lab's own that is turned away: the line that says who may log in", () => {
  const { failure } = loginError({
    account: "bob",
    address: "h",
    key: { index: 0, options: "", certificate: { content } },
    keyCount: 1,
    clientLog: ["debug1: Connection established."],
    serverLog: ["error: Certificate does not contain an authorized principal"],
    source: (keyword) => ({ keyword, value: "none", file: "sshd_config", line: 4 }),
  }) as LoginError;
  expect(failure.source).toEqual({ keyword: "authorizedprincipalsfile", value: "none", file: "sshd_config", line: 4 });
});

test("an option of the line that turns a login away is named, be it a key's or a principal's", () => {
  const failure = (options: string, said: string) =>
    (
      loginError({
        account: "alice",
        address: "h",
        key: { index: 0, options, place: { file: "principals", line: 3 } },
        keyCount: 1,
        clientLog: ["debug1: Connection established."],
        serverLog: [said],
      }) as LoginError
    ).failure.source;
  const source = { file: "principals", line: 3, keyOption: true };
  expect(
    failure('restrict,from="10.0.0.1"', "Authentication tried for alice with correct key but not from a permitted host (host=h, ip=i)."),
  ).toEqual({ keyword: "from", value: 'from="10.0.0.1"', ...source });
  expect(failure('expiry-time="20200101"', "key options: expired at 20200101")).toEqual({
    keyword: "expiry-time",
    value: 'expiry-time="20200101"',
    ...source,
  });
  // At LogLevel INFO sshd says no more than this.
  expect(failure('restrict,expiry-time="20200101"', "Refused by key options")?.value).toBe('expiry-time="20200101"');
  expect(failure("restrict", "Refused by key options")).toBeUndefined();
});

test("new sockets of ssh on the port, not those that were there before nor other programs'", () => {
  const socket = (address: string, port: number, process: string, pid: number) => ({
    address,
    port,
    family: 4 as const,
    inode: port,
    process,
    pids: [pid],
  });
  const before = [socket("127.0.0.1", 43234, "nginx", 1), socket("0.0.0.0", 22, "sshd", 2)];
  const after = [...before, socket("::1", 43234, "sshd-session", 3), socket("0.0.0.0", 43234, "nginx", 4), socket("::1", 6010, "sshd", 3)];
  expect(
    newListeners(before, after)
      .get(43234)
      ?.map(({ address }) => address),
  ).toEqual(["::1"]);
});

test("the command: what was typed, with the lab's additions around it", () => {
  const to = { account: "alice", address: "2001:db8::1", port: 2222, keyFile: "/k", knownHostsFile: "/kh" };
  const command = sshCommand(parseForwardArguments("-q -R :1:h:1"), to).join(" ");
  expect(command).toMatch(/^ssh -F none .* -i \/k -p 2222 -q -R :1:h:1 -N .*-v alice@2001:db8::1$/);
  expect(sshCommand(parseForwardArguments("-fN -p 1 -R :1:h:1"), to).join(" ")).toMatch(
    /-i \/k -fN -p 1 -R :1:h:1 -o ConnectTimeout=30 -v /,
  );
});
