/** Two independent clients ask for the same remote forward: what they get, and who gets in through it, must be the same. */

import { openForward } from "../../harness/ssh/forward.ts";
import { parseForwardArguments } from "../../harness/ssh/forward-arguments.ts";
import { openForwardWithSsh2 } from "../../harness/ssh/forward-ssh2.ts";
import { expect, test } from "../../harness/vitest/index.ts";

const port = 43234;
const forms = ["", ":", "0.0.0.0:", "[::]:", "127.0.0.1:", "[::1]:", "localhost:", "198.51.100.10:", "198.51.100.99:", "nosuch.invalid:"];
const clients = { ssh: openForward, ssh2: openForwardWithSsh2 };

test.for(["no", "yes", "clientspecified"])("ssh and ssh2 agree under GatewayPorts %s", async (gatewayPorts, { lab }) => {
  await lab.use({ sshd: `GatewayPorts ${gatewayPorts}\n` });
  const { forwardLab } = lab;
  const home = forwardLab.lab.host("home");
  const service = await forwardLab.service("home", 3389);
  for (const form of forms) {
    const seen: Record<string, unknown> = {};
    for (const [client, open] of Object.entries(clients)) {
      const ssh = parseForwardArguments(`-R ${form}${port}:localhost:3389`);
      await using forward = await open(home, forwardLab.server, { name: form, account: "tunnel", ssh, targetAddress: "198.51.100.10" });
      const visitors = await Promise.all(
        ["198.51.100.10", "2001:db8:100::10"].map((address) =>
          forwardLab.probe({ listensOn: "server", port, service, socks: undefined }, "other-lan", address),
        ),
      );
      const { granted, listeners } = forward.outcome;
      seen[client] = { granted, listeners, otherLan: visitors.map(({ verdict }) => verdict) };
    }
    expect.soft(seen.ssh2, form).toEqual(seen.ssh);
  }
});
