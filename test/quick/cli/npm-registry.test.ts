/** A registry that is asked without npm: here one on this machine. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
// @ts-expect-error: plain JavaScript, which an old Node runs
import { downloadNode } from "../../../harness/cli/download-node.mjs";
// @ts-expect-error: plain JavaScript, which an old Node runs
import { placesOf, registriesOf } from "../../../harness/cli/npm-registry.mjs";

const settings = { registry: "https://registry.example/npm/", "@some:registry": "https://other.example", cafile: null, proxy: null };

describe("the registries of npm's settings", () => {
  test("are where each package is, by its scope", () => {
    const registries = registriesOf(settings, {});
    expect(placesOf(registries, "a", "1.2.3")).toEqual({
      archive: "https://registry.example/npm/a/-/a-1.2.3.tgz",
      about: "https://registry.example/npm/a/1.2.3",
    });
    expect(placesOf(registries, "@some/a", "1.2.3").archive).toBe("https://other.example/@some/a/-/a-1.2.3.tgz");
    expect(placesOf(registries, "@thing/a", "1.2.3").archive).toBe("https://registry.example/npm/@thing/a/-/a-1.2.3.tgz");
  });

  test.each([
    ["through a proxy", { ...settings, "https-proxy": "http://proxy.example" }, {}],
    ["through the environment's proxy", settings, { HTTPS_PROXY: "http://proxy.example" }],
    ["with a certificate", { ...settings, cert: "…" }, {}],
    ["without looking at certificates", { ...settings, "strict-ssl": false }, {}],
    ["not at all", { ...settings, offline: true }, {}],
  ])("are left to npm where it reaches them %s", (_, each, env) => {
    expect(registriesOf(each, env)).toBeUndefined();
  });
});

/** A registry with a package that has a program; `cut`: it breaks off. */
async function registryWith(program: string, { integrity = "", cut = false } = {}): Promise<{ registry: string; folder: string }> {
  const made = mkdtempSync(join(tmpdir(), "registry-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  mkdirSync(join(made, "package/bin"), { recursive: true });
  writeFileSync(join(made, "package/bin/node"), program);
  writeFileSync(join(made, "package/package.json"), "{}");
  const archive = execFileSync("tar", ["-czf", "-", "-C", made, "package"]);
  const dist = { integrity: integrity || `sha512-${createHash("sha512").update(archive).digest("base64")}` };
  const server = createServer(({ url }, answer) => {
    if (url === "/node-here/24.0.0") return void answer.end(JSON.stringify({ dist }));
    if (url === "/node-here/-/node-here-24.0.0.tgz") return void answer.writeHead(302, { location: "/elsewhere" }).end();
    if (url !== "/elsewhere") return void answer.writeHead(404).end();
    answer.writeHead(200, { "content-length": archive.length });
    if (!cut) return void answer.end(archive);
    answer.write(archive.subarray(0, archive.length - 20), () => answer.destroy());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  return { registry: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, folder: join(made, "into") };
}

describe("the program of a platform's package", () => {
  test("comes whole, and can be run", async () => {
    const { registry, folder } = await registryWith("#!/bin/sh\necho it came\n".padEnd(3_000_000));
    await downloadNode({ registry }, "node-here", "24.0.0", folder);
    expect(readFileSync(join(folder, "bin/node"), "utf8")).toBe("#!/bin/sh\necho it came\n".padEnd(3_000_000));
    expect(statSync(join(folder, "bin/node")).mode & 0o777).toBe(0o755);
    expect(readdirSync(join(folder, "bin"))).toEqual(["node"]);
  });

  test.each([
    ["is another than the registry says", { integrity: "sha512-AAAA" }, "not have the expected hash"],
    ["is cut off behind the program", { cut: true }, /cut|truncated|aborted|ECONNRESET|socket hang up/],
  ])("is not there where its package %s", async (_, fault, message) => {
    const { registry, folder } = await registryWith("x".repeat(2000), fault);
    await expect(downloadNode({ registry }, "node-here", "24.0.0", folder)).rejects.toThrow(message);
    expect(existsSync(join(folder, "bin/node"))).toBe(false);
  });

  test("is not there where the registry has none", async () => {
    const { registry, folder } = await registryWith("x");
    await expect(downloadNode({ registry }, "node-there", "24.0.0", folder)).rejects.toThrow("404");
    expect(existsSync(folder)).toBe(false);
  });
});
