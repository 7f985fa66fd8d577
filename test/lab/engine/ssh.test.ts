/** An engine by ssh://: this machine's own, behind a real sshd in a container that has its socket. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureEngine, ensureImages } from "../../../harness/engine/index.ts";
import { which } from "../../../harness/engine/tools.ts";
import { cli, startCli } from "../../quick/cli/run-cli.ts";

const ssh = which("ssh", process.env);
const local = (process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock").replace(/^unix:\/\//, "");
const article = join(import.meta.dirname, "../../../examples/article");

describe.skipIf(!ssh || !existsSync(local))("an engine over ssh", () => {
  const folder = mkdtempSync(join(tmpdir(), "forwardlab-"));
  const at = (name: string) => join(folder, name);
  let far: Docker.Container | undefined;
  let port = 0;
  const env = (known: string) => ({
    DOCKER_HOST: `ssh://root@127.0.0.1:${port}`,
    PATH: `${at(known)}:${process.env.PATH}`,
    TMPDIR: at("tmp"),
  });
  const tunnels = () => readdirSync(at("tmp")).filter((name) => name.startsWith("forwardlab-ssh-"));

  beforeAll(async () => {
    for (const key of ["key", "host"]) execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at(key)]);
    port = await freePort();
    writeFileSync(at("known_hosts"), `[127.0.0.1]:${port} ${readFileSync(at("host.pub"), "utf8")}`);
    mkdirSync(at("tmp"));
    // ssh takes its user's config from the account's home, whatever HOME says.
    for (const [name, known] of [
      ["knows", at("known_hosts")],
      ["stranger", "/dev/null"],
    ] as const) {
      mkdirSync(at(name));
      const options = [`UserKnownHostsFile ${known}`, "GlobalKnownHostsFile /dev/null", `IdentityFile ${at("key")}`, "IdentitiesOnly yes"];
      writeFileSync(at(`${name}/config`), `${options.join("\n")}\n`);
      writeFileSync(at(`${name}/ssh`), `#!/bin/sh\nexec ${ssh} -F ${at(name)}/config "$@"\n`);
      chmodSync(at(`${name}/ssh`), 0o755);
    }
    const engine = await ensureEngine({ progress: () => {} });
    const images = await ensureImages(engine, [{ target: "host" }], { progress: () => {} });
    const script = [
      "umask 77; mkdir -p /root/.ssh",
      'echo "$KEY" > /root/.ssh/authorized_keys; echo "$HOST_KEY" > /root/host',
      `exec /usr/sbin/sshd -D -e -p ${port} -h /root/host -o ListenAddress=127.0.0.1`,
    ].join("\n");
    far = await engine.docker.createContainer({
      Image: images["host:trixie"]?.reference,
      Cmd: ["sh", "-c", script],
      Env: [`KEY=${readFileSync(at("key.pub"), "utf8").trim()}`, `HOST_KEY=${readFileSync(at("host"), "utf8").trim()}`],
      HostConfig: { NetworkMode: "host", Binds: [`${local}:/var/run/docker.sock`] },
    });
    await far.start();
    const log = (await far.logs({ follow: true, stdout: true, stderr: true })) as Readable;
    for await (const text of log) if (String(text).includes("Server listening")) break;
  });

  afterAll(async () => {
    await far?.remove({ force: true });
    rmSync(folder, { recursive: true, force: true });
  });

  test("bears a lab, and leaves no tunnel", async () => {
    const { code, stdout, stderr } = await cli(["verify", article], env("knows"));
    expect(stderr + stdout).toContain("26 held, 0 violated");
    expect(code).toBe(0);
    await expect.poll(tunnels).toEqual([]);
  });

  test("a harness that is killed leaves no tunnel", async () => {
    const harness = startCli(["verify", article], env("knows"));
    for await (const text of harness.stderr as Readable) if (String(text).includes("starting sshd")) break;
    expect(tunnels()).toHaveLength(1);
    harness.kill("SIGKILL");
    await once(harness, "close");
    await expect.poll(tunnels).toEqual([]);
  });

  test.each([
    ["a host key that is not known", "stranger", "", /Host key verification failed/],
    ["a socket that is not there", "knows", "/nowhere.sock", /logged in, but \/nowhere\.sock there is not an engine's socket/],
  ])("%s is an error", async (_, known, path, reason) => {
    const { DOCKER_HOST, ...others } = env(known);
    const { code, stderr } = await cli(["verify", article], { ...others, DOCKER_HOST: DOCKER_HOST + path });
    expect(stderr).toMatch(/error\[engine\.named-but-dead\]/);
    expect(stderr).toMatch(reason);
    expect(code).toBe(2);
    await expect.poll(tunnels).toEqual([]);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
