/** Engines of a root by TCP and by ssh, over loopback. */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { $ } from "zx";
import { Daemon } from "./daemon.ts";
import { debianRoot, type Suite } from "./debian-root.ts";
import { docker, startDocker } from "./local-engines.ts";
import type { Place } from "./place.ts";
import type { Way } from "./verify.ts";

/** In plain, or with certificates of a CA of its own. */
export function overTcp(tls: boolean) {
  return async (place: Place, stack: AsyncDisposableStack): Promise<Way> => {
    const root = await debianRoot(place, "trixie");
    const port = tls ? "23760" : "23750";
    const certificates = join(root.shared, "certificates");
    if (tls) await makeCertificates(certificates);
    const files = [
      "--tlsverify",
      "--tlscacert=/shared/certificates/ca.pem",
      "--tlscert=/shared/certificates/server.pem",
      "--tlskey=/shared/certificates/server-key.pem",
    ];
    await startDocker(root, "trixie", ["--host", `tcp://127.0.0.1:${port}`, ...(tls ? files : ["--tls=false"])], stack);
    return { env: { DOCKER_HOST: `tcp://127.0.0.1:${port}`, ...(tls ? { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: certificates } : {}) } };
  };
}

async function makeCertificates(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const openssl = (...words: string[]) => $({ cwd: folder })`openssl ${words}`;
  const newKey = ["-newkey", "rsa:2048", "-nodes"];
  await openssl("req", "-x509", ...newKey, "-days", "2", "-subj", "/CN=ca", "-keyout", "ca-key.pem", "-out", "ca.pem");
  for (const [name, key, extension] of [
    ["server", "server-key", "subjectAltName=IP:127.0.0.1"],
    ["cert", "key", "extendedKeyUsage=clientAuth"],
  ]) {
    await openssl("req", ...newKey, "-subj", `/CN=${name}`, "-keyout", `${key}.pem`, "-out", `${name}.csr`);
    writeFileSync(join(folder, "extension"), `${extension}\n`);
    const signed = ["-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", "2", "-extfile", "extension"];
    await openssl("x509", "-req", "-in", `${name}.csr`, ...signed, "-out", `${name}.pem`);
  }
}

const sshPort = "23722";

/** The engine's socket behind a real sshd, by the machine's own ssh with a key and known hosts of its own. */
export function overSsh(suite: Suite) {
  return async (place: Place, stack: AsyncDisposableStack): Promise<Way> => {
    await docker(suite)(place, stack);
    const root = await debianRoot(place, "trixie");
    const at = (name: string) => join(root.shared, "ssh", name);
    rmSync(at(""), { recursive: true, force: true });
    mkdirSync(at(""));
    for (const key of ["host", "key"]) await $`ssh-keygen -q -t ed25519 -N ${""} -f ${at(key)}`;
    writeFileSync(at("known_hosts"), `[127.0.0.1]:${sshPort} ${readFileSync(at("host.pub"), "utf8")}`);
    const options = [`UserKnownHostsFile ${at("known_hosts")}`, `IdentityFile ${at("key")}`, "IdentitiesOnly yes"];
    writeFileSync(at("config"), `${options.join("\n")}\n`);
    // ssh takes its user's config from the account's home, whatever HOME says.
    const ssh = (await $`sh -c ${"command -v ssh"}`).stdout.trim();
    writeFileSync(at("ssh"), `#!/bin/sh\nexec ${ssh} -F ${at("config")} "$@"\n`);
    chmodSync(at("ssh"), 0o755);

    const server = ["AuthorizedKeysFile=/shared/ssh/key.pub", "StrictModes=no", "ListenAddress=127.0.0.1"].flatMap((option) => [
      "-o",
      option,
    ]);
    const sshd = `mkdir -p /run/sshd && exec /usr/sbin/sshd -D -e -p ${sshPort} -h /shared/ssh/host "$@"`;
    const daemon = stack.use(new Daemon(root, ["sh", "-c", sshd, "sshd", ...server], at("log")));
    await listening(daemon);
    const env = { DOCKER_HOST: `ssh://root@127.0.0.1:${sshPort}/shared/${suite}.sock`, PATH: `${at("")}:${process.env.PATH}` };
    return { env };
  };
}

/** Milliseconds. */
const againMs = 50;

async function listening(sshd: Daemon): Promise<void> {
  for (const said = () => readFileSync(sshd.log, "utf8"); !said().includes("Server listening"); await pause(againMs)) {
    if (sshd.ended) throw new Error(`sshd does not start: ${said().trim()}`);
  }
}
