/** Unix sockets at both ends of a forward, on a real sshd, as a policy and as the library see them. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect as plain } from "vitest";
import { comparable } from "../../harness/core/result.ts";
import { renderReport, verifyPolicy } from "../../harness/index.ts";
import { expect, test } from "../../harness/vitest/index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "forwardlab-sockets-"));
});
afterAll(() => rm(folder, { recursive: true }));

const policy = `
server:
  sshd_config: ./sshd_config
  accounts: { alice: {}, bob: {} }
home:
  services: { /run/docker.sock: docker, 3389: rdp }
forwards:
  docker:
    as: alice
    ssh: -R :43234:/run/docker.sock
    reachable_from: []
  private:
    as: alice
    ssh: -R /tmp/private.sock:localhost:3389
    reachable_from: [server]
  secret:
    as: alice
    ssh: -R /tmp/private.sock:localhost:3389
    reachable_from: [{ vantage: server, is: blocked }]
  shared:
    as: bob
    ssh: -R /tmp/shared.sock:/run/docker.sock
    reachable_from: [{ vantage: server, is: blocked }]
  denied:
    as: alice
    ssh: -R /nowhere/x.sock:localhost:3389
    refused_by_server: true
  own:
    as: alice
    ssh: -L /tmp/own.sock:/run/app.sock
    reachable_from: [home]
`;

describe("verify", () => {
  test("a socket as target is a port like any other; of one that listens, each account is told", async () => {
    await writeFile(join(folder, "policy.yaml"), policy);
    await writeFile(
      join(folder, "sshd_config"),
      "GatewayPorts clientspecified\nMatch User bob\n  StreamLocalBindMask 0111\nMatch User alice\n  StreamLocalBindUnlink no\n",
    );
    const result = await verifyPolicy(join(folder, "policy.yaml"), { remedies: false });

    const docker = result.cells.filter(({ forward }) => forward === "docker");
    plain(docker.find(({ vantage, family }) => vantage === "internet" && family === 6)).toMatchObject({
      observed: "reached",
      status: "violated",
      evidence: { nonce: "match" },
    });
    const seen = (name: string) =>
      result.cells
        .filter(({ forward }) => forward === name)
        .map(({ vantage, target, observed, status }) => [vantage, target, observed, status].join(" "));
    plain(seen("private")).toEqual([
      "server /tmp/private.sock as alice reached held",
      "server /tmp/private.sock as bob filtered optional",
      "server /tmp/private.sock as nobody filtered optional",
    ]);
    plain(seen("secret")).toEqual([
      "server /tmp/private.sock as alice reached optional",
      "server /tmp/private.sock as bob filtered held",
      "server /tmp/private.sock as nobody filtered held",
    ]);
    plain(seen("shared")).toEqual([
      "server /tmp/shared.sock as alice reached violated",
      "server /tmp/shared.sock as bob reached optional",
      "server /tmp/shared.sock as nobody reached violated",
    ]);
    plain(seen("own")).toEqual(["home /tmp/own.sock as nobody filtered optional", "home /tmp/own.sock as root reached held"]);
    const open = result.cells.find(({ forward, status }) => forward === "shared" && status === "violated");
    plain(open).toMatchObject({
      family: null,
      decidedBy: { layer: "bind-address", rule: "StreamLocalBindMask 0111", file: "sshd_config", line: 3 },
    });
    plain(result.forwards.find(({ name }) => name === "shared")?.listeners).toEqual(["/tmp/shared.sock (srw-rw-rw- bob:bob)"]);
    plain(result.forwards.find(({ name }) => name === "denied")).toMatchObject({
      granted: false,
      status: "held",
      decidedBy: { layer: "bind-address", code: "no-folder" },
    });

    plain(comparable(result).cells.length).toBe(result.cells.length);
    for (const format of ["text", "json", "junit", "sarif", "tap", "markdown", "gitlab"] as const) {
      const report = renderReport(format, result);
      plain(report).toContain("/tmp/shared.sock");
      plain(report).not.toMatch(/IPvnull|undefined/);
    }
  });
});

describe("the library", () => {
  test("who opens a path is asked as that account; from elsewhere nobody can name it", async ({ lab }) => {
    await lab.use({ accounts: { alice: {}, bob: {} } });
    await using forward = await lab.home.ssh("-R", "/tmp/x.sock:/run/y.sock", { as: "alice" });
    plain(forward.listeners).toEqual(["/tmp/x.sock (srw------- alice:alice)"]);
    plain(forward.port).toBe(0);
    await expect(lab.server).toReach(forward, { as: "alice" });
    await expect(lab.server).toReach(forward);
    await expect(lab.server).toSee(forward, "filtered", { as: "bob", by: { rule: "StreamLocalBindMask 0177" } });
    await expect(lab.internet).not.toReach(forward);
    await expect(expect(lab.server).toReach(forward, { as: "bob" })).rejects.toThrow(/bob on server does not reach it/);
    await forward.kill();
    await expect(lab.server).toSee(forward, "refused");
  });

  test("the next test finds the path free, and a dead end behind it is closed", async ({ lab }) => {
    await using forward = await lab.home.ssh("-R", "/tmp/x.sock:/run/y.sock", { service: false });
    await expect(lab.server).toSee(forward, "closed", { as: "tunnel", by: "service" });
  });

  test("/run/user/UID is there, as after a login on a host with systemd; another account's is not", async ({ lab }) => {
    await lab.use({ accounts: { alice: { uid: 1234 } } });
    await using forward = await lab.home.ssh("-R", "/run/user/1234/gnupg/S.gpg-agent:/root/.gnupg/S.gpg-agent.extra");
    await expect(lab.server).toReach(forward, { as: "alice" });
    plain(lab.forwardLab.adaptations).toContainEqual(plain.objectContaining({ host: "server", code: "runtime-folder" }));
    await using other = await lab.home.ssh("-R", "/run/user/4321/x.sock:localhost:80");
    plain(other.outcome.refusedBy).toMatchObject({ layer: "bind-address", text: plain.stringContaining("the folder does not exist") });
  });

  test("SOCKS on a path of the client's", async ({ lab }) => {
    await using forward = await lab.home.ssh("-D", "/tmp/proxy.sock");
    await expect(lab.home).toReach(forward);
    await expect(lab.home).not.toReach(forward, { as: "nobody" });
  });

  test("an account that the host has not is an error", async ({ lab }) => {
    await using forward = await lab.home.ssh("-R", "/tmp/x.sock:/run/y.sock");
    await expect(lab.server.sees(forward, { as: "mallory" })).rejects.toThrow("no account mallory");
  });
});
