/** Tables measured on OpenSSH 9.2 and 10.5 (and, by the lab's own tests, on 8.4 to 10.6): the model gives every row. */
import { describe, expect, test } from "vitest";
import { outcome } from "./asking.ts";

const lo = "127.0.0.1:43234 [::1]:43234";
const any = "0.0.0.0:43234 [::]:43234";
const v4 = (address: string) => `${address}:43234`;
const v6 = (address: string) => `[${address}]:43234`;

/** Form, GatewayPorts no, yes, clientspecified. */
const remote: [form: string, no: string, yes: string, clientspecified: string][] = [
  ["43234", lo, any, lo],
  [":43234", lo, any, any],
  ["*:43234", lo, any, any],
  ["0.0.0.0:43234", lo, any, v4("0.0.0.0")],
  ["[::]:43234", lo, any, v6("::")],
  ["127.0.0.1:43234", v4("127.0.0.1"), any, v4("127.0.0.1")],
  ["[::1]:43234", v6("::1"), any, v6("::1")],
  ["localhost:43234", lo, any, lo],
  ["LOCALHOST:43234", lo, any, lo],
  ["127.0.0.5:43234", lo, any, v4("127.0.0.5")],
  ["10.99.0.1:43234", lo, any, v4("10.99.0.1")],
  ["[fd99::1]:43234", lo, any, v6("fd99::1")],
  ["198.51.100.9:43234", lo, any, "refused"],
  ["srv.lab:43234", lo, any, v4("10.99.0.1")],
  ["dual.lab:43234", lo, any, `${v4("10.99.0.1")} ${v6("fd99::1")}`],
  ["nosuch.invalid:43234", lo, any, "refused"],
];

/** The numbers that a raw client may send, and what getaddrinfo makes of them. */
const numbers: [form: string, clientspecified: string][] = [
  ["0:43234", v4("0.0.0.0")],
  ["127.1:43234", v4("127.0.0.1")],
  ["2130706433:43234", v4("127.0.0.1")],
  ["0x7f.0.0.1:43234", v4("127.0.0.1")],
  ["0177.1:43234", v4("127.0.0.1")],
  ["[::ffff:127.0.0.1]:43234", "refused"],
  ["[fe80::1]:43234", "refused"],
  ["localhost.:43234", "refused"],
  ["256.1.1.1:43234", "refused"],
];

const modes = ["no", "yes", "clientspecified"] as const;
const rows = remote.flatMap(([form, ...cells]) => modes.map((mode, i) => [form, mode, cells[i] as string] as const));

describe("-R, AddressFamily any", () => {
  test.each(rows)("%s, GatewayPorts %s", (form, gatewayports, expected) => {
    expect(outcome(`-R ${form}:localhost:3389`, { settings: { gatewayports } })).toBe(expected);
  });

  test.each(rows)("%s as remote SOCKS, GatewayPorts %s", (form, gatewayports, expected) => {
    expect(outcome(`-R ${form}`, { settings: { gatewayports } })).toBe(expected);
  });

  test.each(numbers)("%s, GatewayPorts clientspecified", (form, expected) => {
    expect(outcome(`-R ${form}:localhost:3389`, { settings: { gatewayports: "clientspecified" } })).toBe(expected);
  });
});

describe("-R, one family", () => {
  const ofFamily = (cell: string, family: 4 | 6) =>
    cell
      .split(" ")
      .filter((each) => each !== "refused" && each.startsWith("[") === (family === 6))
      .join(" ") || "refused";
  const families = [
    ["inet", 4],
    ["inet6", 6],
  ] as const;
  const cases = families.flatMap(([addressfamily, family]) =>
    rows.map(([form, mode, cell]) => [addressfamily, form, mode, ofFamily(cell, family)] as const),
  );
  test.each(cases)("AddressFamily %s, %s, GatewayPorts %s", (addressfamily, form, gatewayports, expected) => {
    expect(outcome(`-R ${form}:localhost:3389`, { settings: { gatewayports, addressfamily } })).toBe(expected);
  });
});

test.each([
  ["inet", v4("127.0.0.1")],
  ["inet6", "refused"],
  ["any", "refused"],
])("a mapped address is IPv4 to who has IPv4 alone: AddressFamily %s", (addressfamily, expected) => {
  const settings = { gatewayports: "clientspecified", addressfamily };
  expect(outcome("-R [::ffff:127.0.0.1]:43234:localhost:1", { settings })).toBe(expected);
  expect(outcome("-L [::ffff:127.0.0.1]:43234:localhost:1", { client: { family: addressfamily as "inet" } })).toBe(expected);
});

test.each([
  ["0", ["127.0.0.1:? [::1]:?", "0.0.0.0:? [::]:?", "127.0.0.1:? [::1]:?"]],
  [":0", ["127.0.0.1:? [::1]:?", "0.0.0.0:? [::]:?", "0.0.0.0:? [::]:?"]],
  ["127.0.0.1:0", ["127.0.0.1:?", "0.0.0.0:? [::]:?", "127.0.0.1:?"]],
])("port 0: -R %s", (form, cells) => {
  expect(modes.map((gatewayports) => outcome(`-R ${form}:localhost:3389`, { settings: { gatewayports } }))).toEqual(cells);
});

describe("privileged ports: the kernel decides", () => {
  test.each(modes)("GatewayPorts %s", (gatewayports) => {
    const settings = { gatewayports };
    expect(outcome("-R 80:localhost:80", { settings })).toBe("refused");
    expect(outcome("-R 80:localhost:80", { settings, root: true })).not.toBe("refused");
    expect(outcome("-R 1023:localhost:80", { settings })).toBe("refused");
    expect(outcome("-R 1024:localhost:80", { settings })).not.toBe("refused");
    expect(outcome("-R 80:localhost:80", { settings, server: { addresses: [], unprivilegedPortStart: 80 } })).not.toBe("refused");
    expect(outcome("-R 79:localhost:80", { settings, server: { addresses: [], unprivilegedPortStart: 80 } })).toBe("refused");
  });

  test("for -L and -D it is the one who runs ssh", () => {
    expect(outcome("-L 80:localhost:80", { root: true })).toBe("refused");
    expect(outcome("-L 80:localhost:80", { client: { root: true } })).toBe("127.0.0.1:80 [::1]:80");
  });
});

describe("a port that is partly taken: success is one socket", () => {
  const held = (address: string, dualStack = false) => ({
    addresses: ["10.99.0.1", "fd99::1"],
    taken: [{ address, port: 43234, dualStack }],
  });
  test.each([
    ["43234", "clientspecified", held("127.0.0.1"), "[::1]:43234"],
    [":43234", "clientspecified", held("127.0.0.1"), "[::]:43234"],
    ["43234", "no", held("0.0.0.0"), "[::1]:43234"],
    ["43234", "yes", held("0.0.0.0"), "[::]:43234"],
    ["43234", "clientspecified", held("0.0.0.0"), "[::1]:43234"],
    ["43234", "no", held("::1"), "127.0.0.1:43234"],
    ["127.0.0.1:43234", "clientspecified", held("127.0.0.1"), "refused"],
    ["43234", "no", held("::", true), "refused"],
    [":43234", "clientspecified", held("::", true), "refused"],
    ["10.99.0.1:43234", "clientspecified", held("127.0.0.1"), "10.99.0.1:43234"],
    ["0.0.0.0:43234", "clientspecified", held("10.99.0.1"), "refused"],
    ["[::]:43234", "clientspecified", held("10.99.0.1"), "[::]:43234"],
  ])("-R %s, GatewayPorts %s", (form, gatewayports, server, expected) => {
    expect(outcome(`-R ${form}:localhost:1`, { settings: { gatewayports }, server })).toBe(expected);
  });
});

test.each([
  ["43234", "no", "127.0.0.1:43234"],
  ["43234", "yes", any],
  ["[::1]:43234", "no", "refused"],
])("IPv6 switched off: -R %s, GatewayPorts %s", (form, gatewayports, expected) => {
  expect(outcome(`-R ${form}:localhost:1`, { settings: { gatewayports }, server: { addresses: ["10.99.0.1"], ipv6: false } })).toBe(
    expected,
  );
});

describe("-L and -D", () => {
  const loopback = "127.0.0.1:5555 [::1]:5555";
  const everywhere = "0.0.0.0:5555 [::]:5555";
  const table: [form: string, without: string, withG: string][] = [
    ["5555", loopback, everywhere],
    ["localhost:5555", loopback, loopback],
    ["127.0.0.1:5555", "127.0.0.1:5555", "127.0.0.1:5555"],
    ["[::1]:5555", "[::1]:5555", "[::1]:5555"],
    ["127.0.0.9:5555", "127.0.0.9:5555", "127.0.0.9:5555"],
    ["10.99.0.2:5555", "10.99.0.2:5555", "10.99.0.2:5555"],
    ["home.lab:5555", "10.99.0.2:5555", "10.99.0.2:5555"],
    [":5555", everywhere, everywhere],
    ["*:5555", everywhere, everywhere],
    ["0.0.0.0:5555", "0.0.0.0:5555", "0.0.0.0:5555"],
    ["[::]:5555", "[::]:5555", "[::]:5555"],
    ["198.51.100.9:5555", "refused", "refused"],
  ];
  const cases = table.flatMap(([form, without, withG]) => [[form, false, without] as const, [form, true, withG] as const]);
  test.each(cases)("%s, GatewayPorts of the client %s", (form, gatewayPorts, expected) => {
    for (const ssh of [`-L ${form}:localhost:80`, `-D ${form}`]) expect(outcome(ssh, { client: { gatewayPorts } })).toBe(expected);
  });

  test("-4 and -6 leave one family", () => {
    expect(outcome("-L 5555:localhost:80", { client: { family: "inet" } })).toBe("127.0.0.1:5555");
    expect(outcome("-D :5555", { client: { family: "inet6" } })).toBe("[::]:5555");
    expect(outcome("-L [::1]:5555:localhost:80", { client: { family: "inet" } })).toBe("refused");
  });

  test("the client's -g, -4 and -6 do nothing to -R", () => {
    const settings = { gatewayports: "clientspecified" };
    for (const client of [{ gatewayPorts: true }, { family: "inet" as const }, { family: "inet6" as const }])
      expect(outcome("-R 43234:localhost:3389", { settings, client })).toBe(lo);
  });

  test("the server's GatewayPorts and AddressFamily do nothing to -L and -D", () => {
    const settings = { gatewayports: "yes", addressfamily: "inet" };
    expect(outcome("-L 5555:localhost:80", { settings })).toBe(loopback);
    expect(outcome("-D 5555", { settings })).toBe(loopback);
  });
});

describe("versions", () => {
  test("clients of OpenSSH 3 mean everywhere by 0.0.0.0", () => {
    const version = { client: { major: 3, minor: 9 } };
    expect(outcome("-R 0.0.0.0:43234:localhost:1", { settings: { gatewayports: "clientspecified" }, version })).toBe(any);
  });

  test("remote SOCKS needs a client of 7.6", () => {
    expect(outcome("-R 43234", { version: { client: { major: 7, minor: 5 } } })).toBe("refused");
    expect(outcome("-R 43234", { version: { client: { major: 7, minor: 6 } } })).toBe(lo);
  });
});
