/** What dockerode need not load is loaded when it is asked for, and not before. In processes of their own: this one has loaded who knows what. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const module = join(import.meta.dirname, "../../../harness/engine/load-dockerode.ts");

/** Runs in a process that has loaded dockerode either way, and may use what `session` and `ssh` give. */
function inProcess(load: string, then: string): string {
  const script = `
    import { createRequire } from "node:module";
    import { dirname, join } from "node:path";
    const require = createRequire(${JSON.stringify(module)});
    const dockerode = require.resolve("dockerode");
    const modem = createRequire(dockerode).resolve("docker-modem");
    const session = () => require(join(dirname(dockerode), "session.js"));
    const ssh = () => require(join(dirname(modem), "ssh.js"));
    const loaded = () => ["@grpc/grpc-js", "ssh2"].filter((name) => Object.keys(require.cache).some((file) => file.includes(\`/node_modules/\${name}/\`)));
    ${load}
    ${then}
  `;
  return execFileSync(process.execPath, ["--no-warnings", "--input-type=module", "-e", script], { encoding: "utf8" }).trim();
}

const ours = `const { loadDockerode } = await import(${JSON.stringify(module)}); const Dockerode = await loadDockerode();`;
const plain = "const { default: Dockerode } = await import(dockerode);";

describe("dockerode", () => {
  test("is loaded without gRPC and ssh2, which it loads by itself", () => {
    expect(inProcess(ours, "console.log(loaded().join(), typeof new Dockerode({}).ping)")).toBe("function");
    expect(inProcess(plain, "console.log(loaded().join(), typeof new Dockerode({}).ping)")).toBe("@grpc/grpc-js,ssh2 function");
  });

  test("loads each with the first call, which is answered by the real function", () => {
    const call = `
      const said = await new Promise((resolve) => session()({ modem: { dial: (_, answer) => answer(new Error("no engine")) } }, undefined, resolve));
      console.log(said.message, typeof ssh()({ host: "192.0.2.1" }).createConnection, loaded().join());
    `;
    expect(inProcess(ours, call)).toBe("no engine function @grpc/grpc-js,ssh2");
    expect(inProcess(plain, call)).toBe("no engine function @grpc/grpc-js,ssh2");
  });
});
