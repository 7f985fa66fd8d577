import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { type LabServer, LabServers } from "../../../harness/session/lab-servers.ts";

/** Servers whose rules remember connections to one port. */
function recorded(...hosts: [host: string, counting: number][]) {
  const log: string[] = [];
  const servers = new LabServers(
    hosts.map(([host, counting]): LabServer => {
      const rules = {
        stateful: counting > 0,
        statefulFor: ({ port }: { port?: number }) => (port === counting ? [{ rule: "limit" }] : []),
        resetState: async () => void log.push(`${host} reset`),
      };
      return { host, sshd: {} as LabServer["sshd"], rules: rules as unknown as LabServer["rules"] };
    }),
  );
  return { log, servers };
}

test("a way over two servers is fresh at both, and what is looked at before leaves no trace at either", async () => {
  const { log, servers } = recorded(["server", 22], ["inner", 2222]);
  const visits = [
    { host: "inner", port: 2222 },
    { host: "server", port: 22 },
  ];
  await servers.visit(visits, async (before) => {
    await before(async () => void log.push("look"));
    log.push("log in");
  });
  expect(log).toEqual(["server reset", "inner reset", "look", "inner reset", "server reset", "log in"]);
});

test("of several visits at one server, the one that counts stands for all; without one nothing is reset", async () => {
  const { log, servers } = recorded(["server", 2222], ["inner", 0]);
  const visits = [22, 2222].flatMap((port) => [
    { host: "server", port },
    { host: "inner", port },
  ]);
  await servers.visit(visits, async () => void log.push("visit"));
  await servers.visit([{ host: "inner", port: 22 }], async () => void log.push("other"));
  expect(log).toEqual(["server reset", "visit", "other"]);
  expect([servers.counts({ host: "server", port: 2222 }), servers.counts({ host: "home", port: 2222 })]).toEqual([true, false]);
});

test("two who visit the same servers in either order do not wait for each other", async () => {
  const { log, servers } = recorded(["server", 1], ["inner", 1]);
  const visits = [
    { host: "server", port: 1 },
    { host: "inner", port: 1 },
  ];
  const visit = (name: string, all: typeof visits) =>
    servers.visit(all, async () => {
      log.push(`${name} begins`);
      await turn();
      log.push(`${name} ends`);
    });
  await Promise.all([visit("one", visits), visit("two", visits.toReversed())]);
  expect(log.filter((line) => !line.endsWith("reset"))).toEqual(["one begins", "one ends", "two begins", "two ends"]);
});
