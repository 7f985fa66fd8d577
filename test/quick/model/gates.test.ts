/** Settings and key options that refuse a forward, row by row as measured. */
import { describe, expect, test } from "vitest";
import { ask, outcome } from "./asking.ts";

const P = 43234;
const requests = ["P", "localhost", "127.0.0.1", "[::1]", ":", "0.0.0.0", "[::]", "10.99.0.1", "0", "other"] as const;
const forms: Record<(typeof requests)[number], string> = {
  P: `${P}`,
  localhost: `localhost:${P}`,
  "127.0.0.1": `127.0.0.1:${P}`,
  "[::1]": `[::1]:${P}`,
  ":": `:${P}`,
  "0.0.0.0": `0.0.0.0:${P}`,
  "[::]": `[::]:${P}`,
  "10.99.0.1": `10.99.0.1:${P}`,
  "0": "0",
  other: "43235",
};

/** PermitListen value -> what it allows, GatewayPorts clientspecified. */
const permitListen: [value: string, allows: readonly (typeof requests)[number][]][] = [
  ["P", ["P", "localhost", "127.0.0.1", "[::1]", ":", "0.0.0.0", "[::]", "10.99.0.1"]],
  ["*:P", ["P", "localhost", "127.0.0.1", "[::1]", ":", "0.0.0.0", "[::]", "10.99.0.1"]],
  ["localhost:P", ["P", "localhost"]],
  ["local*:P", ["P", "localhost"]],
  ["127.0.0.1:P", ["127.0.0.1"]],
  ["[::1]:P", ["[::1]"]],
  ["0.0.0.0:P", ["0.0.0.0"]],
  [":P", [":"]],
  ["10.99.0.?:P", ["10.99.0.1"]],
  ["localhost:*", ["P", "localhost", "0", "other"]],
  ["*", requests],
  ["*:*", requests],
  ["any", requests],
  ["none", []],
  ["LOCALHOST:P", []],
  ["!localhost:P", []],
];

const table = permitListen.flatMap(([value, allows]) => requests.map((request) => [value, request, allows.includes(request)] as const));

describe("PermitListen", () => {
  test.each(table)("%s and -R %s", (value, request, allowed) => {
    const permitlisten = value.replaceAll("P", `${P}`);
    const said = ask(`-R ${forms[request]}:localhost:3389`, { settings: { gatewayports: "clientspecified", permitlisten } });
    expect(said.granted).toBe(allowed);
    if (!allowed) expect(said.refusedBy).toMatchObject({ layer: "sshd-policy", source: { keyword: "permitlisten" } });
  });

  test.each(table.filter(([value]) => !["any", "none"].includes(value)))("permitlisten=%s and -R %s", (value, request, allowed) => {
    const key = `permitlisten="${value.replaceAll("P", `${P}`)}"`;
    const said = ask(`-R ${forms[request]}:localhost:3389`, { settings: { gatewayports: "clientspecified" }, key });
    expect(said.granted).toBe(allowed);
    if (!allowed) expect(said.refusedBy?.layer).toBe("key-options");
  });

  test("is asked before GatewayPorts: localhost passes and listens everywhere", () => {
    const settings = { gatewayports: "yes", permitlisten: `localhost:${P}` };
    expect(outcome(`-R ${P}:localhost:1`, { settings })).toBe("0.0.0.0:43234 [::]:43234");
  });

  test("sshd_config and the key must both allow", () => {
    const settings = { permitlisten: `localhost:${P}` };
    expect(ask(`-R ${P}:localhost:1`, { settings, key: 'permitlisten="8080"' }).refusedBy?.layer).toBe("key-options");
    expect(ask("-R 8080:localhost:1", { settings, key: 'permitlisten="8080"' }).refusedBy?.layer).toBe("sshd-policy");
    expect(ask(`-R ${P}:localhost:1`, { settings, key: `permitlisten="8080",permitlisten="${P}"` }).granted).toBe(true);
  });

  test("says nothing about -L and -D", () => {
    expect(ask("-L 5555:localhost:1", { settings: { permitlisten: "none" } }).closedBy).toBeUndefined();
  });
});

/** Value, -R granted, -L carries. */
const directions: [keyword: string, value: string, remote: boolean, local: boolean][] = [
  ["allowtcpforwarding", "yes", true, true],
  ["allowtcpforwarding", "all", true, true],
  ["allowtcpforwarding", "YES", true, true],
  ["allowtcpforwarding", "remote", true, false],
  ["allowtcpforwarding", "local", false, true],
  ["allowtcpforwarding", "no", false, false],
  ["disableforwarding", "no", true, true],
  ["disableforwarding", "yes", false, false],
];
test.each(directions)("%s %s", (keyword, value, remote, local) => {
  const settings = { [keyword]: value };
  for (const ssh of ["-R 43234:localhost:1", "-R 43234"]) expect(ask(ssh, { settings }).granted).toBe(remote);
  for (const ssh of ["-L 5555:localhost:1", "-D 5555"]) {
    const said = ask(ssh, { settings });
    expect(said.granted).toBe(true);
    expect(said.closedBy === undefined).toBe(local);
  }
});

const keys: [options: string, remote: boolean, local: boolean][] = [
  ["", true, true],
  ["no-pty,no-X11-forwarding", true, true],
  ["no-port-forwarding", false, false],
  ["restrict", false, false],
  ["restrict,port-forwarding", true, true],
  ["port-forwarding,restrict", false, false],
  ["no-port-forwarding,port-forwarding", true, true],
  ['permitopen="localhost:22"', true, false],
  ['permitopen="localhost:1"', true, true],
  ['permitlisten="8080"', false, true],
  ['permitlisten="localhost:*"', true, true],
  ['restrict,permitlisten="43234"', false, false],
  ['command="x, y",restrict', false, false],
];
test.each(keys)("key options %s", (key, remote, local) => {
  expect(ask("-R 43234:localhost:1", { key }).granted).toBe(remote);
  expect(ask("-L 5555:localhost:1", { key }).closedBy === undefined).toBe(local);
});

/** Target of -L, PermitOpen, does it carry? */
const permitOpen: [target: string, value: string, carries: boolean][] = [
  ["localhost:22", "any", true],
  ["localhost:22", "localhost:22", true],
  ["localhost:22", "127.0.0.1:22", false],
  ["127.0.0.1:22", "localhost:22", false],
  ["127.0.0.1:2022", "127.0.0.*:2022", false],
  ["localhost:22", "LOCALHOST:22", false],
  ["localhost:22", "*:22", true],
  ["localhost:22", "localhost:*", true],
  ["localhost:22", "*:*", true],
  ["[::1]:22", "[::1]:22", true],
  ["localhost:22", "localhost:80 localhost:22", true],
  ["localhost:22", "none", false],
];
test.each(permitOpen)("-L to %s, PermitOpen %s", (target, permitopen, carries) => {
  const said = ask(`-L 5555:${target}`, { settings: { permitopen } });
  expect(said.granted).toBe(true);
  expect(said.closedBy === undefined).toBe(carries);
  expect(ask(`-R 43234:${target}`, { settings: { permitopen } }).granted).toBe(true);
});

test("AddressFamily filters what the server dials for -L", () => {
  expect(ask("-L 5555:[::1]:22", { settings: { addressfamily: "inet" } }).closedBy?.source?.keyword).toBe("addressfamily");
  expect(ask("-L 5555:127.0.0.1:22", { settings: { addressfamily: "inet6" } }).closedBy).toBeDefined();
  expect(ask("-L 5555:localhost:22", { settings: { addressfamily: "inet" } }).closedBy).toBeUndefined();
  expect(ask("-R 43234:[::1]:22", { settings: { addressfamily: "inet" } }).closedBy).toBeUndefined();
});

test("the client's -4 filters what it dials for -R", () => {
  expect(ask("-R 43234:[::1]:22", { client: { family: "inet" } }).closedBy?.layer).toBe("client");
});

test("of several gates that refuse, the server's own settings are named first, then the key's options, then the lists", () => {
  const refuser = (settings: Record<string, string>, key: string) =>
    ask("-R 43234:localhost:1", { settings, key }).refusedBy?.source?.keyword;
  expect(refuser({ allowtcpforwarding: "no", disableforwarding: "yes", permitlisten: "none" }, "restrict")).toBe("allowtcpforwarding");
  expect(refuser({ disableforwarding: "yes", permitlisten: "none" }, "restrict")).toBe("disableforwarding");
  expect(refuser({ permitlisten: "none" }, "restrict")).toBe("restrict");
  expect(refuser({ permitlisten: "none" }, 'permitlisten="8080"')).toBe("permitlisten");
});

test("ClearAllForwardings drops the forward before the server hears of it", () => {
  for (const ssh of ["-R 43234:localhost:1", "-L 5555:localhost:1"])
    expect(ask(ssh, { client: { clearAllForwardings: true } }).refusedBy?.layer).toBe("client");
});

test("who dials what", () => {
  expect(ask("-R 43234:localhost:3389").dials).toEqual({ by: "client", host: "localhost", port: 3389 });
  expect(ask("-R 1080").dials).toEqual({ by: "client", socks: true });
  expect(ask("-L 5555:10.0.0.9:80").dials).toEqual({ by: "server", host: "10.0.0.9", port: 80 });
  expect(ask("-D 1080").dials).toEqual({ by: "server", socks: true });
});
