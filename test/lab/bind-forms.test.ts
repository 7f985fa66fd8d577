/** The article's table, on each OpenSSH: what `-R` asks for, what `GatewayPorts` makes of it, who gets in. */
import { describe } from "vitest";
import { parseForwardArguments } from "../../harness/openssh/forward-arguments.ts";
import { expect, labTest } from "../../harness/vitest/index.ts";

const loopback = ["127.0.0.1", "[::1]"];
const everywhere = ["0.0.0.0", "[::]"];
const forms = ["", ":", "*:", "0.0.0.0:", "[::]:", "localhost:", "127.0.0.1:", "[::1]:", "198.51.100.10:"] as const;
type Form = (typeof forms)[number];
/** Each form has a port of its own; the first is that of the later tests, so that no probe from the server takes it as its own before. */
const firstPort = 43234;

const asAsked: Record<Form, string[]> = {
  "": loopback,
  ":": everywhere,
  "*:": everywhere,
  "0.0.0.0:": ["0.0.0.0"],
  "[::]:": ["[::]"],
  "localhost:": loopback,
  "127.0.0.1:": ["127.0.0.1"],
  "[::1]:": ["[::1]"],
  "198.51.100.10:": ["198.51.100.10"],
};

/** Facts of OpenSSH's `channel_fwd_bind_addr`, as the article and the manual tell them. */
const table: Record<string, (form: Form) => string[]> = {
  no: (form) => (form === "127.0.0.1:" || form === "[::1]:" ? asAsked[form] : loopback),
  yes: () => everywhere,
  clientspecified: (form) => asAsked[form],
};

/** Who dials which address of the server. */
const ways: (readonly [vantage: string, address: string])[] = [
  ["server", "127.0.0.1"],
  ["server", "::1"],
  ...["server", "other-lan", "internet"].flatMap((vantage) => [
    [vantage, "198.51.100.10"] as const,
    [vantage, "2001:db8:100::10"] as const,
  ]),
];

for (const openssh of ["8.4", "9.2", "10.0", "10.6"]) {
  const test = labTest({ openssh });

  describe(`OpenSSH ${openssh}`, () => {
    test("is what the server runs", ({ lab }) => {
      expect(lab.forwardLab.server.version.text).toContain(`OpenSSH_${openssh}p`);
    });

    test.for(Object.keys(table))("GatewayPorts %s", async (gatewayPorts, { lab }) => {
      await lab.use({ sshd: `GatewayPorts ${gatewayPorts}\n`, accounts: { tunnel: {} } });
      const { forwardLab } = lab;
      // Over one connection: that each gets what an ssh of its own gets is what shared-connection.test.ts shows.
      const asked = forms.map((form, at) => ({
        name: form,
        from: "home",
        account: "tunnel",
        ssh: parseForwardArguments(`-N -R ${form}${firstPort + at}:localhost:3389`),
      }));
      await using together = await forwardLab.openTogether(asked);
      for (const [at, forward] of together.forwards.entries()) {
        const form = forms[at] as Form;
        const listeners = (table[gatewayPorts]?.(form) ?? []).map((address) => `${address}:${firstPort + at}`);
        expect.soft(forward.open.outcome.granted, form).toBe(true);
        expect.soft([...forward.open.outcome.listeners].sort(), form).toEqual(listeners);
        const seen = await Promise.all(
          ways.map(async ([vantage, address]) => [vantage, address, (await forwardLab.probe(forward, vantage, address)).verdict]),
        );
        expect.soft(seen, form).toEqual(ways.map((way) => [...way, expected(way[1], firstPort + at, listeners)]));
      }
    });

    test("a plain account gets no privileged port, root does", async ({ lab }) => {
      await lab.use({ sshd: "GatewayPorts clientspecified\nPermitRootLogin prohibit-password\n", accounts: { alice: {}, root: {} } });
      await using refused = await lab.home.ssh("-R", ":443:localhost:3389");
      expect(refused.granted).toBe(false);
      await expect(lab.internet).not.toReach(refused);
      await using granted = await lab.home.ssh("-R", ":443:localhost:3389", { as: "root" });
      expect(granted.granted).toBe(true);
      await expect(lab.internet).toReach(granted);
    });

    test("the port is gone when ssh is", async ({ lab }) => {
      await lab.use({ sshd: "GatewayPorts clientspecified\n" });
      await using forward = await lab.home.ssh("-fN", "-R", ":43234:localhost:3389");
      await expect(lab.otherLan).toReach(forward);
      await forward.kill();
      await expect(lab.otherLan).toSee(forward, "refused");
    });

    test("AllowTcpForwarding no and PermitListen elsewhere refuse the forward, and name their line", async ({ lab }) => {
      await lab.use({ sshd: "\nAllowTcpForwarding no\n" });
      await using off = await lab.home.ssh("-R", "43234:localhost:3389");
      expect(off.outcome.refusedBy).toMatchObject({ layer: "sshd-policy", source: { keyword: "allowtcpforwarding", line: 2 } });
      await lab.use({ sshd: "PermitListen 8080\n" });
      await using elsewhere = await lab.home.ssh("-R", "43234:localhost:3389");
      expect(elsewhere.outcome.refusedBy).toMatchObject({ layer: "sshd-policy", source: { keyword: "permitlisten", line: 1 } });
      await using allowed = await lab.home.ssh("-R", "8080:localhost:3389");
      expect(allowed.granted).toBe(true);
    });
  });
}

function expected(address: string, port: number, listeners: readonly string[]): string {
  const [own, any] = address.includes(":") ? [`[${address}]`, "[::]"] : [address, "0.0.0.0"];
  return listeners.includes(`${any}:${port}`) || listeners.includes(`${own}:${port}`) ? "reached" : "refused";
}
