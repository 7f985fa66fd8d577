/** What must hold of every prediction, whatever is asked. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { articleLab } from "../../../harness/core/lab-spec.ts";
import { blockedVerdicts } from "../../../harness/core/verdict.ts";
import { formatListener } from "../../../harness/openssh/model/prediction.ts";
import { reach } from "../../../harness/openssh/model/reach.ts";
import { type Asking, ask, outcome } from "./asking.ts";

const binds = fc.constantFrom(
  "",
  ":",
  "*:",
  "0.0.0.0:",
  "[::]:",
  "localhost:",
  "LOCALHOST:",
  "127.0.0.1:",
  "[::1]:",
  "127.0.0.5:",
  "10.99.0.1:",
  "[fd99::1]:",
  "198.51.100.9:",
  "srv.lab:",
  "dual.lab:",
  "nosuch.invalid:",
);
const ports = fc.constantFrom(43234, 8080, 80, 1023, 1024, 0);
const remotes = fc.tuple(binds, ports, fc.constantFrom(":localhost:3389", "")).map(([bind, port, target]) => `-R ${bind}${port}${target}`);
const locals = fc
  .tuple(binds, fc.constantFrom(5555, 80, 1024), fc.boolean())
  .map(([bind, port, socks]) => (socks ? `-D ${bind}${port}` : `-L ${bind}${port}:localhost:80`));
const requests = fc.oneof(remotes, locals);

const permitLists = fc.oneof(
  fc.constantFrom("any", "none", "*", "*:*"),
  fc
    .array(fc.constantFrom("43234", "localhost:43234", "127.0.0.1:43234", ":43234", "localhost:*", "8080"), { minLength: 1, maxLength: 3 })
    .map((list) => list.join(" ")),
);
const settings = fc.record(
  {
    gatewayports: fc.constantFrom("no", "yes", "clientspecified"),
    allowtcpforwarding: fc.constantFrom("yes", "no", "local", "remote"),
    disableforwarding: fc.constantFrom("yes", "no"),
    permitlisten: permitLists,
    addressfamily: fc.constantFrom("any", "inet", "inet6"),
  },
  { requiredKeys: [] },
);
const restrictions = fc.array(
  fc.constantFrom(
    "restrict",
    "no-port-forwarding",
    "no-pty",
    'permitlisten="43234"',
    'permitlisten="localhost:8080"',
    'permitopen="localhost:80"',
    'permitopen="localhost:22"',
  ),
  { maxLength: 3 },
);
const askings: fc.Arbitrary<Asking> = fc.record({ settings, key: restrictions.map((options) => options.join(",")), root: fc.boolean() });

const isLoopback = (address: string) => address.startsWith("127.") || address === "::1";

describe("listeners", () => {
  test("GatewayPorts no never gives a remote forward anything but loopback", () => {
    fc.assert(
      fc.property(remotes, askings, (ssh, asking) => {
        const said = ask(ssh, { ...asking, settings: { ...asking.settings, gatewayports: "no" } });
        expect(said.listeners.every(({ address }) => isLoopback(address))).toBe(true);
      }),
    );
  });

  test("GatewayPorts yes gives nothing but wildcards", () => {
    fc.assert(
      fc.property(remotes, askings, (ssh, asking) => {
        const said = ask(ssh, { ...asking, settings: { ...asking.settings, gatewayports: "yes" } });
        expect(said.listeners.every(({ address }) => address === "0.0.0.0" || address === "::")).toBe(true);
      }),
    );
  });

  test("AddressFamily leaves its own family, for -R the server's, for -L and -D the client's", () => {
    fc.assert(
      fc.property(requests, askings, fc.constantFrom("inet" as const, "inet6" as const), (ssh, asking, family) => {
        const said = ask(ssh, { ...asking, settings: { ...asking.settings, addressfamily: family }, client: { family } });
        expect(said.listeners.every((each) => each.family === (family === "inet" ? 4 : 6))).toBe(true);
      }),
    );
  });

  test("one family is the other's answer cut down: never an address that `any` would not give", () => {
    fc.assert(
      fc.property(remotes, askings, fc.constantFrom("inet", "inet6"), (ssh, asking, addressfamily) => {
        const all = outcome(ssh, { ...asking, settings: { ...asking.settings, addressfamily: "any" } }).split(" ");
        const some = outcome(ssh, { ...asking, settings: { ...asking.settings, addressfamily } }).split(" ");
        expect(some.every((each) => each === "refused" || all.includes(each))).toBe(true);
      }),
    );
  });

  test("granted means that something listens, and the reverse", () => {
    fc.assert(
      fc.property(requests, askings, (ssh, asking) => {
        const said = ask(ssh, asking);
        expect(said.granted).toBe(said.listeners.length > 0);
        expect(said.refusedBy === undefined).toBe(said.granted);
        expect(new Set(said.listeners.map(formatListener)).size).toBe(said.listeners.length);
      }),
    );
  });
});

describe("refusals", () => {
  test("DisableForwarding yes never grants, and carries nothing", () => {
    fc.assert(
      fc.property(requests, askings, (ssh, asking) => {
        const said = ask(ssh, { ...asking, settings: { ...asking.settings, disableforwarding: "yes" } });
        expect(said.listensOn === "server" ? said.granted : said.granted && said.closedBy === undefined).toBe(false);
      }),
    );
  });

  test("a key with one more restriction never gets more", () => {
    fc.assert(
      fc.property(requests, askings, restrictions, fc.constantFrom("restrict", "no-port-forwarding"), (ssh, asking, options, more) => {
        const loose = ask(ssh, { ...asking, key: options.join(",") });
        const tight = ask(ssh, { ...asking, key: [...options, more].join(",") });
        const gets = (said: typeof loose) => said.granted && said.closedBy === undefined;
        expect(gets(tight) && !gets(loose)).toBe(false);
      }),
    );
  });

  test("a longer permitlisten list never allows less", () => {
    const entries = fc.array(fc.constantFrom("43234", "localhost:43234", "127.0.0.1:43234", "8080", "*:*"), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(remotes, settings, entries, entries, (ssh, values, some, more) => {
        const key = (list: readonly string[]) => list.map((each) => `permitlisten="${each}"`).join(",");
        const few = ask(ssh, { settings: values, key: key(some) });
        const many = ask(ssh, { settings: values, key: key([...some, ...more]) });
        expect(few.granted && !many.granted).toBe(false);
      }),
    );
  });

  test("root gets at least what a plain account gets", () => {
    fc.assert(
      fc.property(remotes, askings, (ssh, asking) => {
        const plain = ask(ssh, { ...asking, root: false });
        const root = ask(ssh, { ...asking, root: true });
        expect(plain.granted && !root.granted).toBe(false);
      }),
    );
  });
});

test("every step has its sentence in both languages", () => {
  fc.assert(
    fc.property(requests, askings, (ssh, asking) => {
      for (const { text } of ask(ssh, asking).why) {
        expect(text.en).toMatch(/\.$/);
        expect(text.ja).toMatch(/。$/);
      }
    }),
  );
});

describe("reach", () => {
  const spec = articleLab();
  const listeners = fc.subarray([
    { address: "127.0.0.1", port: 43234, family: 4 as const },
    { address: "0.0.0.0", port: 43234, family: 4 as const },
    { address: "::1", port: 43234, family: 6 as const },
    { address: "::", port: 43234, family: 6 as const },
    { address: "198.51.100.10", port: 43234, family: 4 as const },
  ]);
  const actions = fc.constantFrom("accept" as const, "drop" as const, "reject" as const);
  const rules = fc.array(
    fc.record(
      {
        family: fc.constantFrom(4 as const, 6 as const),
        source: fc.constantFrom("198.51.100.0/24", "203.0.113.50/32", "2001:db8::/32", "192.0.2.66/32"),
        port: fc.constantFrom(43234, 22),
        action: actions,
      },
      { requiredKeys: ["action"] },
    ),
    { maxLength: 4 },
  );

  test("nobody reaches over a family that nothing listens on", () => {
    fc.assert(
      fc.property(listeners, fc.constantFrom("server", "home"), (given, host) => {
        for (const cell of reach({ spec, host, port: 43234, listeners: given }))
          if (cell.verdict === "reached") expect(given.some(({ family }) => family === cell.family)).toBe(true);
      }),
    );
  });

  test("a loopback listener is reached from its own host only", () => {
    const loopback = listeners.map((given) => given.filter(({ address }) => isLoopback(address)));
    fc.assert(
      fc.property(loopback, fc.constantFrom("server", "home"), (given, host) => {
        for (const cell of reach({ spec, host, port: 43234, listeners: given }))
          if (cell.verdict === "reached") expect(cell.vantage).toBe(host);
      }),
    );
  });

  test("a firewall only ever takes away, and never from the host itself", () => {
    fc.assert(
      fc.property(listeners, rules, actions, (given, policy, fallback) => {
        const asked = { spec, host: "server", port: 43234, listeners: given, everyLinkLocal: true };
        const open = reach({ ...asked, firewalls: {} });
        const filtered = reach({ ...asked, firewalls: { server: { rules: policy, default: fallback } } });
        for (const [i, cell] of filtered.entries()) {
          const before = open[i];
          if (cell.verdict !== before?.verdict) expect(cell.verdict).toBe("filtered");
          if (cell.vantage === "server") expect(cell.verdict).toBe(before?.verdict);
          if (fallback !== "accept" && policy.length === 0 && cell.vantage !== "server") expect(cell.verdict).toBe("filtered");
        }
      }),
    );
  });

  test("nobody beyond the client's own LAN reaches a client behind NAT", () => {
    for (const cell of reach({
      spec,
      host: "home",
      port: 1080,
      listeners: [
        { address: "0.0.0.0", port: 1080, family: 4 },
        { address: "::", port: 1080, family: 6 },
      ],
    })) {
      const near = cell.vantage === "home" || cell.vantage === "home-lan";
      expect(near ? cell.verdict : blockedVerdicts.includes(cell.verdict) && "blocked").toBe(near ? "reached" : "blocked");
    }
  });
});
