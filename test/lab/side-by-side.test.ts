/** Two labs with the same addresses, in one process, at the same time. */
import { expect, test } from "vitest";
import { ForwardLab, parseForwardArguments, sshdConfigFromText } from "../../harness/index.ts";

test("neither knows of the other", async () => {
  const start = async (sshd: string) => ForwardLab.start({ sshdConfig: await sshdConfigFromText(sshd), accounts: [{ name: "tunnel" }] });
  await using stack = new AsyncDisposableStack();
  const [open, shut] = await Promise.all(
    ["GatewayPorts clientspecified\n", "GatewayPorts no\n"].map(async (sshd) => stack.use(await start(sshd))),
  );
  if (!open || !shut) throw new Error("two labs were started");
  expect(open.lab.id).not.toBe(shut.lab.id);
  expect(open.lab.host("server").addresses).toEqual(shut.lab.host("server").addresses);
  expect([...open.checks, ...shut.checks].filter(({ ok }) => !ok)).toEqual([]);

  const ssh = parseForwardArguments("-R :43234:localhost:3389");
  const forwardIn = async (lab: ForwardLab) => stack.use(await lab.open({ name: "rdp", from: "home", account: "tunnel", ssh }));
  const [wide, narrow] = await Promise.all([forwardIn(open), forwardIn(shut)]);
  const addresses = open.lab.host("server").addresses.map(({ address }) => address);
  const verdicts = async (lab: ForwardLab, forward: typeof wide) =>
    (await Promise.all(addresses.map((address) => lab.probe(forward, "internet", address)))).map(({ verdict }) => verdict);

  expect(await verdicts(open, wide)).toEqual(["reached", "reached"]);
  expect(await verdicts(shut, narrow)).toEqual(["refused", "refused"]);

  // The services differ: what answers in one lab is not what the other's forward leads to.
  expect(wide.service.identity).not.toBe(narrow.service.identity);
  expect(await verdicts(open, { ...wide, service: narrow.service })).toEqual(["wrong-service", "wrong-service"]);

  await shut[Symbol.asyncDispose]();
  expect(await verdicts(open, wide)).toEqual(["reached", "reached"]);
});
