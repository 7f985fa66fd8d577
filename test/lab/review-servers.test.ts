/** A review of a policy with several servers: each as the one it is, and the whole policy notices what a line's change opens. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ReviewFleet } from "../../harness/core/review-fleet.ts";
import { cli, folderOf } from "../quick/cli/run-cli.ts";

const policy = `server: { sshd_config: ./bastion.conf, accounts: { jump: {} } }
servers:
  inner: { sshd_config: ./inner.conf, accounts: { dev: {} } }
network:
  server:
    - { address: [198.51.100.10/24], ipv6: false }
    - { interface: eth1, address: [10.20.0.1/24], ipv6: false }
  vantages:
    inner: { lan: eth1, address: [10.20.0.5/24] }
forwards:
  preview: { ssh: "-J jump@server -R 8080:localhost:3000 inner", reachable_from: [inner] }
`;

test("every server is reviewed, by its own files; what opens at one of them is noticed by a forward through the other", {
  timeout: 300_000,
}, async () => {
  await using folder = await folderOf({
    "policy.yaml": policy,
    "bastion.conf": "AllowTcpForwarding local\n",
    "inner.conf": "PermitListen 8080\nGatewayPorts no\n",
  });
  const report = join(folder.path, "reviews.json");
  const { code, stderr } = await cli(["review", folder.path, "--what-if", "--no-remedies", "--quiet", "--report", `json=${report}`]);
  expect(code, stderr).toBe(0);
  const { outcome, servers } = JSON.parse(readFileSync(report, "utf8")) as ReviewFleet;
  expect([outcome, servers.map(({ name, error }) => [name, error])]).toEqual([
    "complete",
    [
      ["server", null],
      ["inner", null],
    ],
  ]);
  expect(servers.map(({ review }) => review?.server)).toEqual(["server", "inner"]);
  const [bastion, inner] = servers.map(({ review }) => review);
  const listeners = (review: typeof inner) =>
    review?.findings.filter(({ kind }) => kind === "listener").map(({ accounts, ports, audience }) => [accounts, ports, audience]);
  expect(listeners(bastion)).toEqual([]);
  expect(listeners(inner)).toEqual([[["dev"], "8080", "server"]]);
  expect(bastion?.answers.find(({ request }) => request.kind === "listener")?.refusedBy).toMatchObject({ file: "bastion.conf", line: 1 });
  expect(new Set(bastion?.principals.map(({ account }) => account))).toEqual(new Set(["jump"]));

  const opening = [bastion, inner].flatMap((review) =>
    (review?.sensitivity?.mutations ?? []).flatMap(({ file, instead, audience, noticed }) =>
      noticed === null ? [] : [`${file}: ${instead || "removed"}: ${audience} ${noticed}`],
    ),
  );
  // The forward listens elsewhere, or its login stops at the bastion; nobody asks for another port.
  expect(opening).toContain("inner.conf: GatewayPorts yes: lan true");
  expect(opening).toContain("bastion.conf: AllowTcpForwarding remote: server true");
  expect(opening).toContain("inner.conf: removed: server false");
});
