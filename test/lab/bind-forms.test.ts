/** The article's table, on each OpenSSH: what `-R` asks for, what `GatewayPorts` makes of it, who gets in. */
import { describe } from "vitest";
import { expect, type JudgedObservation, labTest } from "../../harness/vitest/index.ts";

const loopback = ["127.0.0.1:43234", "[::1]:43234"];
const everywhere = ["0.0.0.0:43234", "[::]:43234"];
const forms = ["", ":", "*:", "0.0.0.0:", "[::]:", "localhost:", "127.0.0.1:", "[::1]:", "198.51.100.10:"] as const;

const asAsked: Record<(typeof forms)[number], string[]> = {
  "": loopback,
  ":": everywhere,
  "*:": everywhere,
  "0.0.0.0:": ["0.0.0.0:43234"],
  "[::]:": ["[::]:43234"],
  "localhost:": loopback,
  "127.0.0.1:": ["127.0.0.1:43234"],
  "[::1]:": ["[::1]:43234"],
  "198.51.100.10:": ["198.51.100.10:43234"],
};

/** Facts of OpenSSH's `channel_fwd_bind_addr`, as the article and the manual tell them. */
const table: Record<string, (form: (typeof forms)[number]) => string[]> = {
  no: (form) => (form === "127.0.0.1:" || form === "[::1]:" ? asAsked[form] : loopback),
  yes: () => everywhere,
  clientspecified: (form) => asAsked[form],
};

for (const openssh of ["8.4", "9.2", "10.0", "10.6"]) {
  const test = labTest({ openssh });

  describe(`OpenSSH ${openssh}`, () => {
    test("is what the server runs", ({ lab }) => {
      expect(lab.forwardLab.server.version.text).toContain(`OpenSSH_${openssh}p`);
    });

    test.for(Object.keys(table))("GatewayPorts %s", async (gatewayPorts, { lab }) => {
      await lab.use({ sshd: `GatewayPorts ${gatewayPorts}\n` });
      for (const form of forms) {
        await using forward = await lab.home.ssh("-R", `${form}43234:localhost:3389`);
        const listeners = table[gatewayPorts]?.(form) ?? [];
        expect.soft(forward.granted, form).toBe(true);
        expect.soft(forward.listeners, form).toEqual(listeners);
        const all = await Promise.all([lab.server, lab.otherLan, lab.internet].map((host) => host.sees(forward)));
        for (const seen of all.flat()) {
          expect
            .soft(`${form} ${seen.vantage} ${seen.target} ${seen.verdict}`)
            .toBe(`${form} ${seen.vantage} ${seen.target} ${expected(seen, listeners)}`);
        }
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

function expected({ family, address }: JudgedObservation, listeners: readonly string[]): string {
  const any = family === 4 ? "0.0.0.0:43234" : "[::]:43234";
  const own = family === 4 ? `${address}:43234` : `[${address}]:43234`;
  return listeners.includes(any) || listeners.includes(own) ? "reached" : "refused";
}
