/** Unix sockets in the model, row by row as measured on OpenSSH 8.4, 9.2, 10.0 and 10.6. */
import { describe, expect, test } from "vitest";
import { explainWords } from "../../../harness/cli/explain.ts";
import type { Explanation } from "../../../harness/openssh/model/explanation.ts";
import { formatListener } from "../../../harness/openssh/model/prediction.ts";
import { ask } from "./asking.ts";

const remote = "-R /tmp/x.sock:localhost:80";
const remoteBoth = "-R /tmp/x.sock:/run/y.sock";
const fromPort = "-R 8081:/run/y.sock";
const toPath = "-L 8080:/run/app.sock";
const localPath = "-L /tmp/l.sock:localhost:80";
const localBoth = "-L /tmp/m.sock:/run/app.sock";
const all = [remote, remoteBoth, fromPort, toPath, localPath, localBoth];

/** What each forward comes to: `stands`, `closed` (it stands, and visitors are closed) or `refused`. */
function fates(settings: Record<string, string>, key = ""): Record<string, string> {
  return Object.fromEntries(
    all.map((ssh) => {
      const { granted, closedBy } = ask(ssh, { settings, key });
      const stands = closedBy ? "closed" : "stands";
      return [ssh, granted ? stands : "refused"];
    }),
  );
}

const everything = Object.fromEntries(all.map((ssh) => [ssh, "stands"]));
const noRemoteSocket = { [remote]: "refused", [remoteBoth]: "refused" };
const noSocketTarget = { [toPath]: "closed", [localBoth]: "closed" };
const nothing = { ...noRemoteSocket, ...noSocketTarget, [fromPort]: "refused", [localPath]: "closed" };

describe("what the server allows", () => {
  test.each<[Record<string, string>, Record<string, string>]>([
    [{ allowstreamlocalforwarding: "yes" }, {}],
    [{ allowstreamlocalforwarding: "all" }, {}],
    [{ allowstreamlocalforwarding: "no" }, { ...noRemoteSocket, ...noSocketTarget }],
    [{ allowstreamlocalforwarding: "local" }, noRemoteSocket],
    [{ allowstreamlocalforwarding: "remote" }, noSocketTarget],
    [{ allowtcpforwarding: "no" }, nothing],
    [{ allowtcpforwarding: "local" }, { ...noRemoteSocket, [fromPort]: "refused" }],
    [{ allowtcpforwarding: "remote" }, { ...noSocketTarget, [localPath]: "closed" }],
    [{ disableforwarding: "yes" }, nothing],
    [{ permitlisten: "none" }, { [fromPort]: "refused" }],
    [{ permitlisten: "*:8080" }, { [fromPort]: "refused" }],
    [{ permitopen: "none" }, { ...noSocketTarget, [localPath]: "closed" }],
    [{ permitopen: "localhost:80" }, noSocketTarget],
    [{ permitopen: "*:80" }, noSocketTarget],
    [{ permitopen: "*:*" }, {}],
    [{ permitopen: "[/run/app.sock]:*" }, { [localPath]: "closed" }],
  ])("%j", (settings, expected) => {
    expect(fates(settings)).toEqual({ ...everything, ...expected });
  });

  test.each<[string, Record<string, string>]>([
    ["restrict", nothing],
    ["no-port-forwarding", nothing],
    ["restrict,port-forwarding", {}],
    ['permitopen="localhost:80"', noSocketTarget],
    ['permitopen="*:*"', {}],
    ['permitopen="[/run/app.sock]:*"', { [localPath]: "closed" }],
    ['permitlisten="8080"', { [fromPort]: "refused" }],
  ])("key option %s", (key, expected) => {
    expect(fates({}, key)).toEqual({ ...everything, ...expected });
  });

  test("each refusal names what refused", () => {
    expect(ask(remote, { settings: { allowstreamlocalforwarding: "no" } }).refusedBy?.source?.keyword).toBe("allowstreamlocalforwarding");
    expect(ask(remote, { settings: { allowtcpforwarding: "no" } }).refusedBy).toMatchObject({
      layer: "sshd-policy",
      source: { keyword: "allowtcpforwarding" },
    });
    expect(ask(toPath, { key: "restrict" }).closedBy?.layer).toBe("key-options");
  });
});

describe("the socket's file", () => {
  test.each([
    ["0177", 0o600],
    ["0111", 0o666],
    ["0117", 0o660],
    ["0000", 0o777],
    ["0777", 0o000],
    ["177", 0o600],
  ])("StreamLocalBindMask %s", (streamlocalbindmask, mode) => {
    expect(ask(remote, { settings: { streamlocalbindmask } }).socket).toMatchObject({ path: "/tmp/x.sock", mode, owner: { en: "tester" } });
    expect(ask(localPath, { client: { streamLocalBindMask: streamlocalbindmask } }).socket).toMatchObject({ mode });
    expect(ask(localPath, { settings: { streamlocalbindmask } }).socket).toMatchObject({ mode: 0o600 });
  });

  test("no address listens", () => {
    expect(ask(remote).listeners).toEqual([]);
    expect(ask(remote, { settings: { gatewayports: "yes" } }).listeners).toEqual([]);
  });

  test("a socket as target leaves the listener what it is", () => {
    const said = ask("-R :8080:/run/docker.sock", { settings: { gatewayports: "clientspecified" } });
    expect(said.listeners.map(formatListener)).toEqual(["0.0.0.0:8080", "[::]:8080"]);
    expect(said.dials).toEqual({ by: "client", path: "/run/docker.sock" });
    expect(said.socket).toBeUndefined();
  });
});

async function explained(line: string): Promise<Explanation> {
  return (JSON.parse(await explainWords([...line.split(" "), "--json"])) as { forwards: [Explanation] }).forwards[0];
}

describe("explain", () => {
  test("a listener on a path: accounts of its host by the file's mode, nobody from elsewhere", async () => {
    const { reach, assumed, otherGatewayPorts } = await explained(`${remote} --account alice`);
    expect(reach.filter(({ vantage }) => vantage === "server").map(({ target, verdict }) => [target, verdict])).toEqual([
      ["/tmp/x.sock as root", "reached"],
      ["/tmp/x.sock as alice", "reached"],
      ["/tmp/x.sock as nobody", "filtered"],
    ]);
    expect(new Set(reach.filter(({ vantage }) => vantage !== "server").map(({ verdict }) => verdict))).toEqual(new Set(["unreachable"]));
    expect(assumed).toHaveLength(1);
    expect(otherGatewayPorts).toEqual([]);
  });

  test("an open mask lets everybody in; -L counts ssh's own", async () => {
    const { reach, hints } = await explained("-o StreamLocalBindMask=0111 -L /tmp/l.sock:localhost:80");
    expect(reach.filter(({ vantage }) => vantage === "home").map(({ verdict }) => verdict)).toEqual(["reached", "reached", "reached"]);
    expect(hints.map(({ id }) => id)).toContain("open-socket");
  });

  test("what stands and dials nothing closes", async () => {
    const { reach } = await explained(`${localBoth} --key-options no-port-forwarding`);
    expect(reach.filter(({ vantage }) => vantage === "home").map(({ verdict }) => verdict)).toEqual(["closed", "closed", "filtered"]);
  });

  test.each([
    [remote, "stale-socket"],
    [localPath, "stale-socket"],
    [`-o StreamLocalBindUnlink=yes ${remote}`, "client-options"],
    ["-R :8080:/run/docker.sock", "powerful-socket"],
    [toPath, "socket-rights"],
    [`${remote} --key-options permitlisten="8080"`, "permitlisten-not-for-sockets"],
    [`${remote} --key-options restrict`, "refusal-is-a-warning"],
  ])("%s: %s", async (line, hint) => {
    expect((await explained(line)).hints.map(({ id }) => id)).toContain(hint);
  });

  test("nothing about ports is said of a path", async () => {
    const ids = (await explained(remoteBoth)).hints.map(({ id }) => id);
    expect(ids).toEqual(["stale-socket", "socket-rights"]);
  });

  test("the picture and the table, the same in both languages", async () => {
    const english = await explainWords(remote.split(" "));
    expect(english).toContain("srw-------");
    expect(english).toMatch(/server +\/tmp\/x\.sock as nobody +filtered/);
    const japanese = await explainWords([...remote.split(" "), "--lang", "ja"]);
    expect(japanese.split("\n").length).toBe(english.split("\n").length);
    const refused = await explainWords([...remote.split(" "), "--key-options", "restrict"]);
    expect(refused).toContain("nothing listens");
  });
});
