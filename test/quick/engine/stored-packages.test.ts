import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { storePackages } from "../../../harness/engine/stored-packages.ts";

const NAME = "a_1%3a1_all.deb";

/** A package, and a folder without it. */
function packageWith(content: string): { folder: string; deb: string; whole: Buffer } {
  const made = mkdtempSync(join(tmpdir(), "stored-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  mkdirSync(join(made, "tree/DEBIAN"), { recursive: true });
  mkdirSync(join(made, "tree/etc"));
  writeFileSync(join(made, "tree/DEBIAN/control"), "Package: a\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b.c>\nDescription: a\n");
  writeFileSync(join(made, "tree/etc/a"), content);
  const deb = join(made, NAME);
  execFileSync("dpkg-deb", ["--root-owner-group", "--build", join(made, "tree"), deb], { stdio: "ignore" });
  const folder = join(made, "into");
  mkdirSync(folder);
  return { folder, deb, whole: readFileSync(deb) };
}

const dpkgDeb = (...args: string[]) => execFileSync("dpkg-deb", args);

async function store(folder: string, content: Buffer): Promise<void> {
  const storing = storePackages(folder);
  storing.add(NAME, content);
  await storing.end();
}

describe.runIf(existsSync("/usr/bin/dpkg-deb"))("a stored package", () => {
  test("has the same files and fields, and nothing to decompress", async () => {
    const { folder, deb, whole } = packageWith("x".repeat(10_001));
    await store(folder, whole);
    expect(readdirSync(folder)).toEqual([NAME]);
    const stored = join(folder, NAME);
    expect(whole.includes("x".repeat(10_001))).toBe(false);
    expect(readFileSync(stored).includes("x".repeat(10_001))).toBe(true);
    for (const what of ["--fsys-tarfile", "--field"]) expect(dpkgDeb(what, stored)).toEqual(dpkgDeb(what, deb));
  });

  test("is not made of a damaged one, and the error says why", async () => {
    const { folder, whole } = packageWith("x".repeat(10_001));
    await expect(store(folder, whole.subarray(0, -40))).rejects.toThrow("dpkg-deb");
    expect(existsSync(join(folder, NAME))).toBe(false);
  });

  test("is not made of what is no package", async () => {
    const { folder } = packageWith("x");
    await expect(store(folder, Buffer.from("<html>"))).rejects.toThrow("has no contents");
  });
});
