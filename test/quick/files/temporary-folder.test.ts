import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../harness/files/temporary-folder.ts";

const module = join(import.meta.dirname, "../../../harness/files/temporary-folder.ts");

test("is there until it is disposed of, and nobody else's", async () => {
  const folder = await temporaryFolder("test");
  writeFileSync(join(folder.path, "file"), "");
  expect(basename(folder.path)).toMatch(/^forwardlab-test-[0-9a-f]{12}$/);
  expect(statSync(folder.path).mode & 0o777).toBe(0o700);
  await folder[Symbol.asyncDispose]();
  expect(existsSync(folder.path)).toBe(false);
});

test("is gone as well where the process is killed", async () => {
  const script = `const { temporaryFolder } = await import(${JSON.stringify(module)}); console.log((await temporaryFolder("test")).path); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--no-warnings", "--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = await once(child.stdout, "data");
  const path = String(said).trim();
  writeFileSync(join(path, "file"), "");
  expect(existsSync(path)).toBe(true);
  child.kill("SIGKILL");
  await once(child, "exit");
  await expect.poll(() => existsSync(path), { interval: 10, timeout: 10_000 }).toBe(false);
});
