import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { STORE_PACKAGES } from "../../../harness/engine/stored-packages.ts";

/** A folder with one package. */
function packageIn(content: string): { folder: string; deb: string } {
  const folder = mkdtempSync(join(tmpdir(), "stored-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "tree/DEBIAN"), { recursive: true });
  mkdirSync(join(folder, "tree/etc"));
  writeFileSync(join(folder, "tree/DEBIAN/control"), "Package: a\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b.c>\nDescription: a\n");
  writeFileSync(join(folder, "tree/etc/a"), content);
  const deb = join(folder, "a_1%3a1_all.deb");
  execFileSync("dpkg-deb", ["--root-owner-group", "--build", join(folder, "tree"), deb], { stdio: "ignore" });
  return { folder, deb };
}

const store = (temporary: string, ...debs: string[]) =>
  spawnSync("perl", ["-e", STORE_PACKAGES, ...debs], { env: { ...process.env, STORE_PACKAGES_BELOW: temporary }, encoding: "utf8" });

const dpkgDeb = (...args: string[]) => execFileSync("dpkg-deb", args);

describe.runIf(existsSync("/usr/bin/dpkg-deb"))("a stored package", () => {
  test("has the same files and fields, and nothing to decompress", () => {
    const { folder, deb } = packageIn("x".repeat(10_001));
    const [files, fields] = [dpkgDeb("--fsys-tarfile", deb), dpkgDeb("--field", deb)];
    expect(readFileSync(deb).includes("x".repeat(10_001))).toBe(false);
    expect(store(folder, deb)).toMatchObject({ status: 0, stderr: "" });
    expect(readFileSync(deb).includes("x".repeat(10_001))).toBe(true);
    expect([dpkgDeb("--fsys-tarfile", deb), dpkgDeb("--field", deb)]).toEqual([files, fields]);
  });

  test("replaces none that is somebody else's", () => {
    const { folder, deb } = packageIn("x");
    const before = readFileSync(deb);
    expect(store(join(folder, "other"), deb).status).toBe(0);
    expect(readFileSync(deb).equals(before)).toBe(true);
  });

  test("is not made of a damaged one: that stays, and the error names it", () => {
    const { folder, deb } = packageIn("x".repeat(10_001));
    const damaged = readFileSync(deb).subarray(0, -40);
    writeFileSync(deb, damaged);
    const { status, stderr } = store(folder, deb);
    expect(status).not.toBe(0);
    expect(stderr).toContain(`dpkg-deb could not read ${deb}`);
    expect(readFileSync(deb).equals(damaged)).toBe(true);
  });
});
