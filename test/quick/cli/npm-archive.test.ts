/** Packages of npm's as `tar` makes them, read in pieces of any size. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
// @ts-expect-error: plain JavaScript, which an old Node runs
import { filesOf } from "../../../harness/cli/npm-archive.mjs";

function archive(files: Record<string, string>, format: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "archive-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, "package", path)), { recursive: true });
    writeFileSync(join(folder, "package", path), content);
    chmodSync(join(folder, "package", path), path.startsWith("bin/") ? 0o755 : 0o644);
  }
  symlinkSync("/etc/passwd", join(folder, "package/link"));
  return execFileSync("tar", ["--format", format, "-cf", "-", "-C", folder, "package"]);
}

function* inPieces(whole: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}

async function read(whole: Buffer, size: number): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { path, mode, pieces } of filesOf(inPieces(whole, size))) {
    found[path] = `${(mode & 0o777).toString(8)} ${Buffer.concat(pieces)}`;
  }
  return found;
}

const long = `${"folder/".repeat(30)}${"n".repeat(120)}`;
const files = { "bin/program": "x".repeat(1500), empty: "", [long]: "far away", exact: "y".repeat(512) };
const expected = Object.fromEntries(
  Object.entries(files).map(([path, content]) => [path, `${path === "bin/program" ? 755 : 644} ${content}`]),
);

test.each(["ustar", "pax", "gnu"])("the files of an archive in %s format, without links", async (format) => {
  // ustar has no room for the longest path.
  const own = Object.entries(files).filter(([path]) => format !== "ustar" || path !== long);
  const whole = archive(Object.fromEntries(own), format);
  for (const size of [1, 511, 512, 700, whole.length]) {
    expect(await read(whole, size)).toEqual(Object.fromEntries(own.map(([path]) => [path, expected[path]])));
  }
});

test("a truncated archive is rejected", async () => {
  const whole = archive(files, "pax");
  const end = whole.indexOf("x".repeat(1500)) + 700;
  await expect(read(whole.subarray(0, end), 512)).rejects.toThrow("truncated");
});

test.each(["package/../../out", "out", "package/", "package/a//b"])("%s is no path in a package", async (name) => {
  const whole = archive({ place: "x" }, "ustar");
  const at = whole.indexOf("package/place");
  whole.fill(0, at, at + 100);
  whole.write(name, at);
  await expect(read(whole, 512)).rejects.toThrow("not in the package");
});
