/** What a fresh clone asks a registry for: here one on this machine, with one package. */
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { root } from "../house/imports.ts";

/** A clone with a lock file that names no registry, and a command that prints what the package exports. */
function clone(): { folder: string; archive: Buffer; integrity: string } {
  const made = mkdtempSync(join(tmpdir(), "bootstrap-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  const [folder, tree] = [join(made, "clone"), join(made, "tree")];
  mkdirSync(join(tree, "package"), { recursive: true });
  writeFileSync(join(tree, "package/package.json"), JSON.stringify({ name: "@some/thing", version: "1.2.3", main: "index.js" }));
  writeFileSync(join(tree, "package/index.js"), "module.exports = 'it came';\n");
  const archive = execFileSync("tar", ["-czf", "-", "-C", tree, "package"]);
  const integrity = `sha512-${createHash("sha512").update(archive).digest("base64")}`;

  const dependencies = { "@some/thing": "1.2.3" };
  const packages = {
    "": { name: "clone", version: "1.0.0", dependencies },
    "node_modules/@some/thing": { version: "1.2.3", integrity },
  };
  mkdirSync(join(folder, "harness/cli"), { recursive: true });
  for (const name of readdirSync(join(root, "harness/cli")).filter((each) => each.endsWith(".mjs")))
    cpSync(join(root, "harness/cli", name), join(folder, "harness/cli", name));
  writeFileSync(
    join(folder, "harness/cli/main.ts"),
    'import { createRequire } from "node:module";\nconsole.log(createRequire(import.meta.url)("@some/thing"));\n',
  );
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "clone", version: "1.0.0", dependencies }));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ name: "clone", version: "1.0.0", lockfileVersion: 3, packages }));
  return { folder, archive, integrity };
}

/** Runs the clone's command with a registry that has the package's archive, or another one, at `place`. */
async function firstRun(place: string, other?: Buffer): Promise<{ stdout: string; stderr: string; asked: string[]; folder: string }> {
  const { folder, archive, integrity } = clone();
  const asked: string[] = [];
  const server = createServer(({ url = "", headers }, answer) => {
    const path = decodeURIComponent(url);
    asked.push(path);
    const dist = { tarball: `http://${headers.host}${place}`, integrity };
    if (path === place) answer.end(other ?? archive);
    else if (path === "/npm/@some/thing")
      answer.end(JSON.stringify({ name: "@some/thing", versions: { "1.2.3": { name: "@some/thing", version: "1.2.3", dist } } }));
    else answer.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/npm/`;
  const env = {
    ...process.env,
    npm_config_registry: registry,
    npm_config_fetch_retries: "0",
    npm_config_cache: join(folder, "../cache"),
    npm_execpath: "",
  };
  const argv = [join(folder, "harness/cli/bootstrap.mjs"), "forwardlab", "ls"];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, argv, { env }).catch((error) => error);
  return { stdout, stderr, asked, folder };
}

test("a package is asked for where registries have it, and nothing else is", async () => {
  const { stdout, asked, folder } = await firstRun("/npm/@some/thing/-/thing-1.2.3.tgz");
  expect(stdout).toBe("it came\n");
  expect(asked).toEqual(["/npm/@some/thing/-/thing-1.2.3.tgz"]);
  expect(existsSync(join(folder, "node_modules/.aside"))).toBe(false);
  expect(readFileSync(join(folder, "package-lock.json"), "utf8")).not.toContain("resolved");
});

test("a registry that has it elsewhere is asked where", async () => {
  const { stdout, asked } = await firstRun("/files/0123.tgz");
  expect(stdout).toBe("it came\n");
  expect(asked).toEqual(expect.arrayContaining(["/npm/@some/thing", "/files/0123.tgz"]));
});

test("a registry that has something else is not believed", async () => {
  const { stdout, stderr, folder } = await firstRun("/npm/@some/thing/-/thing-1.2.3.tgz", Buffer.from("something else"));
  expect(stdout).toBe("");
  expect(stderr).toContain("EINTEGRITY");
  expect(stderr).toContain("the dependencies could not be installed");
  expect(existsSync(join(folder, "node_modules/@some/thing"))).toBe(false);
});
