/** Forwards that share a connection come out as if each had its own ssh: what is granted, why not, what listens, who gets in, what the logs say. */
import { parseForwardArguments } from "../../harness/openssh/forward-arguments.ts";
import type { ForwardHandle } from "../../harness/session/forward-handle.ts";
import { expect, type TestLab, test } from "../../harness/vitest/index.ts";

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
/** Each bind form on a port of its own, then privileged ports, one that sshd itself holds, and a dead target. */
const asked = [
  ...forms.map((form, index) => `${form}${43201 + index}:localhost:3389`),
  ":80:localhost:3389",
  "443:localhost:3389",
  "22:localhost:3389",
  ":43303:localhost:9",
];

/** Lines of sshd_config, and options before the key. */
const servers: readonly { sshd: string; key?: string }[] = [
  ...["no", "yes", "clientspecified"].map((value) => ({ sshd: `GatewayPorts ${value}\n` })),
  { sshd: "AddressFamily inet\nGatewayPorts clientspecified\n" },
  ...["no", "local"].map((value) => ({ sshd: `AllowTcpForwarding ${value}\n` })),
  { sshd: "DisableForwarding yes\n" },
  { sshd: "GatewayPorts clientspecified\nPermitListen 43201 *:43202 localhost:43208 127.0.0.1:*\n" },
  ...["restrict", "no-port-forwarding", 'restrict,port-forwarding,permitlisten="*:43202"', 'permitlisten="localhost:43208"'].map((key) => ({
    sshd: "GatewayPorts clientspecified\n",
    key,
  })),
];

test.for(servers)("one connection, or an ssh for each: $sshd $key", async ({ sshd, key = "" }, { lab }) => {
  await lab.use({ sshd, accounts: { alice: { keys: [key] } } });
  const { forwardLab } = lab;
  const forwards = asked.map((spec) => ({
    name: spec,
    from: "home",
    account: "alice",
    ssh: parseForwardArguments(`-N -R ${spec}`),
    // Nothing runs on the port of the last one: whoever gets in is closed again.
    ...(spec.endsWith(":9") ? { onlyGivenServices: "anywhere" as const } : {}),
  }));
  await using together = await forwardLab.openTogether(forwards);
  const shared = await Promise.all(together.forwards.map((each) => seen(lab, each)));
  await together[Symbol.asyncDispose]();
  const left = await forwardLab.lab.host("server").listeners();
  expect(left.filter(({ port }) => port !== 22)).toEqual([]);

  for (const [index, forward] of forwards.entries()) {
    await using alone = await forwardLab.open(forward);
    expect.soft(shared[index], forward.name).toEqual(await seen(lab, alone));
  }
});

async function seen({ forwardLab }: TestLab, forward: ForwardHandle) {
  const { granted, refusedBy, listeners } = forward.open.outcome;
  const visitors = await Promise.all(
    [
      ["server", "127.0.0.1"],
      ["server", "::1"],
      ["other-lan", "198.51.100.10"],
      ["other-lan", "2001:db8:100::10"],
    ].map(([vantage = "", address = ""]) => forwardLab.probe(forward, vantage, address)),
  );
  const { clientLog, serverLog } = forward.open.outcome;
  return {
    granted,
    refusedBy,
    listeners,
    verdicts: visitors.map(({ verdict }) => verdict),
    // Of the lines that tell why something failed, each has its own, and all of them.
    failures: [
      ...new Set(
        clientLog.match(
          /connect_to .*: failed|Remote: .*(?:refused|disabled|denied).*|(?<=remote port forwarding failed )for listen port \d+/g,
        ),
      ),
    ].sort(),
    complaints:
      serverLog.match(/(?:error|Received request|refused).*port:? \d+.*/gi)?.map((line) => line.replace(/from \S+ port \d+/, "")) ?? [],
  };
}
