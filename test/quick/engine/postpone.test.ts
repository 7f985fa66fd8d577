/** What libraries need not load is loaded when it is asked for, and not before. In processes of their own: this one has loaded who knows what. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const harness = join(import.meta.dirname, "../../../harness");
const postpone = JSON.stringify(join(harness, "engine/postpone.ts"));
const dockerode = JSON.stringify(join(harness, "engine/load-dockerode.ts"));

/** Runs in a process of its own; `loaded()` tells which of these packages it has loaded, `given(...)` what a package finds. */
function inProcess(script: string): string {
  const before = `
    import { createRequire } from "node:module";
    import { dirname, join } from "node:path";
    const { foundBy, postpone } = await import(${postpone});
    const require = createRequire(${postpone});
    const watched = ["@grpc/grpc-js", "ssh2", "archiver", "undici"];
    const loaded = () => watched.filter((name) => Object.keys(require.cache).some((file) => file.includes(\`/node_modules/\${name}/lib/\`) || file.includes(\`/node_modules/\${name}/build/\`)));
    const given = (...packages) => require(foundBy(...packages));
  `;
  return execFileSync(process.execPath, ["--no-warnings", "--input-type=module", "-e", `${before}${script}`], { encoding: "utf8" }).trim();
}

describe("dockerode", () => {
  const ours = `const Dockerode = await (await import(${dockerode})).loadDockerode();`;
  const plain = `const { default: Dockerode } = await import(foundBy("dockerode"));`;

  test("is loaded without gRPC and ssh2, which it loads by itself", () => {
    const look = "console.log(loaded().join(), typeof new Dockerode({}).ping)";
    expect(inProcess(`${ours}${look}`)).toBe("function");
    expect(inProcess(`${plain}${look}`)).toBe("@grpc/grpc-js,ssh2 function");
  });

  test.each([
    ["postponed", ours],
    ["the control: at once", plain],
  ])("uses each as it is: %s", (_, load) => {
    const use = `
      const session = require(join(dirname(foundBy("dockerode")), "session.js"));
      const ssh = require(join(dirname(foundBy("dockerode", "docker-modem")), "ssh.js"));
      const said = await new Promise((resolve) => session({ modem: { dial: (_, answer) => answer(new Error("no engine")) } }, undefined, resolve));
      console.log(said.message, typeof ssh({ host: "192.0.2.1" }).createConnection, loaded().join());
    `;
    expect(inProcess(`${load}${use}`)).toBe("no engine function @grpc/grpc-js,ssh2");
  });
});

describe("Testcontainers in the thread that starts hosts", () => {
  const [names = ""] = /\[("[^\]]+)\]/.exec(readFileSync(join(harness, "lab/host-containers-thread.ts"), "utf8"))?.slice(1) ?? [];
  const ours = `(await import(${dockerode})).postponeUnused(); for (const each of [${names}]) postpone(foundBy("testcontainers", each));`;
  const load = `await import(${JSON.stringify(join(harness, "lab/host-container.ts"))});`;

  test("is loaded without what no host needs", () => {
    expect(inProcess(`${ours}${load}console.log(loaded().join())`)).toBe("");
    expect(inProcess(`${load}console.log(loaded().join())`)).toBe("@grpc/grpc-js,ssh2,archiver,undici");
  });

  test.each([
    ["postponed", ours],
    ["the control: at once", ""],
  ])("uses each as it is: %s", (_, before) => {
    const use = `
      const { createSshConnection } = given("testcontainers", "ssh-remote-port-forward");
      const { Agent } = given("testcontainers", "undici");
      console.log(typeof given("testcontainers", "archiver")("tar").append, new Agent() instanceof Agent, typeof createSshConnection, loaded().join());
    `;
    expect(inProcess(`${before}${load}${use}`)).toBe(
      "function true function @grpc/grpc-js,ssh2,archiver,undici".replace(before ? "@grpc/grpc-js," : "", ""),
    );
  });
});
