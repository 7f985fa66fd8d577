/** Two independent clients ask for the same remote forward: what they get, why not, and who gets in through it, must be the same. */

import { parseForwardArguments } from "../../harness/openssh/forward-arguments.ts";
import { openForward } from "../../harness/ssh/forward.ts";
import { openForwardWithSsh2 } from "../../harness/ssh/forward-ssh2.ts";
import { expect, type TestLab, test } from "../../harness/vitest/index.ts";

const clients = { ssh: openForward, ssh2: openForwardWithSsh2 };
const forms = [
  "",
  ":",
  "*:",
  "0.0.0.0:",
  "[::]:",
  "127.0.0.1:",
  "[::1]:",
  "localhost:",
  "198.51.100.10:",
  "198.51.100.99:",
  "nosuch.invalid:",
];
const everyForm = [...forms.map((form) => `${form}43234`), "0", ":0", "80", "22"];
const few = ["43234", ":43234", "127.0.0.1:43234", "0"];
/** Forms that name a family, both or none. */
const ofFamilies = ["", ":", "0.0.0.0:", "[::]:", "127.0.0.1:", "[::1]:", "localhost:", "198.51.100.10:"].map((form) => `${form}43234`);

/** Lines of sshd_config, options before the key, and what is asked for. */
const cases: readonly { sshd: string; key?: string; asked: readonly string[] }[] = [
  ...["no", "yes", "clientspecified"].map((value) => ({ sshd: `GatewayPorts ${value}\n`, asked: everyForm })),
  ...["inet", "inet6"].map((value) => ({ sshd: `AddressFamily ${value}\nGatewayPorts clientspecified\n`, asked: ofFamilies })),
  ...["no", "local", "remote"].map((value) => ({ sshd: `AllowTcpForwarding ${value}\n`, asked: few })),
  { sshd: "DisableForwarding yes\n", asked: few },
  ...["none", "43234", "localhost:43234", "127.0.0.1:43234", "*:43234", "localhost:*"].map((value) => ({
    sshd: `GatewayPorts clientspecified\nPermitListen ${value}\n`,
    asked: few,
  })),
  ...["restrict", "no-port-forwarding", "restrict,port-forwarding", 'permitlisten="localhost:43234"', 'permitopen="localhost:1"'].map(
    (key) => ({
      sshd: "GatewayPorts clientspecified\n",
      key,
      asked: few,
    }),
  ),
];

test.for(cases)("ssh and ssh2 agree: $sshd $key", async ({ sshd, key = "", asked }, { lab }) => {
  await lab.use({ sshd, accounts: { alice: { keys: [key] } } });
  for (const each of asked) {
    const [ssh, ssh2] = [await seenBy("ssh", lab, each), await seenBy("ssh2", lab, each)];
    expect.soft(ssh2, each).toEqual(ssh);
  }
});

/** Ports of the server's choice differ from time to time: each is told as 0. */
async function seenBy(client: keyof typeof clients, lab: TestLab, asked: string) {
  const { forwardLab } = lab;
  const ssh = parseForwardArguments(`-R ${asked}:localhost:3389`);
  const service = await forwardLab.service("home", 3389);
  const options = {
    name: asked,
    account: "alice",
    ssh,
    targetAddress: forwardLab.server.listening.some(({ address }) => address === "0.0.0.0") ? "198.51.100.10" : "2001:db8:100::10",
  };
  await using forward = await clients[client](forwardLab.lab.host("home"), forwardLab.server, options);
  const { granted, listeners, refusedBy } = forward.outcome;
  const port = forward.port || ssh.listenPort;
  const visitors = granted
    ? await Promise.all(
        ["198.51.100.10", "2001:db8:100::10"].map((address) =>
          forwardLab.probe({ listensOn: "server", port, service, socks: undefined }, "other-lan", address),
        ),
      )
    : [];
  return {
    granted,
    refusedBy: refusedBy?.layer,
    source: refusedBy?.source?.keyword,
    listeners: listeners.map((listener) => (ssh.listenPort === 0 ? listener.replace(/\d+$/, "0") : listener)),
    otherLan: visitors.map(({ verdict }) => verdict),
  };
}
