/** `forwardlab cache`: images go through a file, and only an unspoilt file of this version's is taken. */
import { closeSync, copyFileSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { UserError } from "../../../harness/core/errors.ts";
import { ensureEngine, exportImages, imagesKey, importImages } from "../../../harness/engine/index.ts";
import { cli, folderOf } from "../../quick/cli/run-cli.ts";

const progress = () => {};

/** Overwrites some bytes in place. */
function spoil(file: string, at: number, text: string): void {
  const opened = openSync(file, "r+");
  writeSync(opened, text, at);
  closeSync(opened);
}

test("the images that every lab needs are exported once each, loaded again, and refused when they are spoilt or foreign", async () => {
  await using folder = await folderOf({});
  const at = (name: string) => join(folder.path, name);
  const engine = await ensureEngine({ progress });
  const images = await exportImages(engine, at("images"), { progress });
  expect(images).toEqual([expect.stringMatching(/^forwardlab\/fabric:trixie-/), expect.stringMatching(/^forwardlab\/host:trixie-/)]);
  const ids = await Promise.all(images.map(async (name) => (await engine.docker.getImage(name).inspect()).Id));
  expect(await importImages(engine, at("images"))).toEqual(images);
  expect(await Promise.all(images.map(async (name) => (await engine.docker.getImage(name).inspect()).Id))).toEqual(ids);

  const refused = (name: string) =>
    importImages(engine, at(name)).then(
      () => "taken",
      (error: UserError) => `${error.code}: ${error.found ?? error.message}`,
    );
  copyFileSync(at("images"), at("copy"));
  spoil(at("copy"), 1_000_000, "spoilt");
  expect(await refused("copy")).toBe("image.archive: another hash than the file states");
  truncateSync(at("copy"), 1_000_000);
  expect(await refused("copy")).toBe("image.archive: 995904 bytes of images");
  const head = readFileSync(at("images")).subarray(0, 4096).toString();
  const other = (from: string, to: string) => writeFileSync(at("copy"), head.replace(from, to).padEnd(4096));
  other(engine.architecture, "s390x");
  expect(await refused("copy")).toBe("image.archive-outdated: images for s390x");
  other(images[1] as string, "evil/host:trixie");
  expect(await refused("copy")).toBe("image.archive-outdated: evil/host:trixie");
  writeFileSync(at("copy"), readFileSync(at("images")).subarray(4096, 100_000));
  expect(await refused("copy")).toBe("image.archive: this is not a file of forwardlab's images");
  expect(await refused("none")).toMatch(/^image.archive: ENOENT/);
});

test("on the command line, the key depends on what the images are made from, and bad input ends with 2", async () => {
  expect(await cli(["cache", "key"])).toMatchObject({ code: 0, stdout: `${imagesKey()}\n` });
  expect(await cli(["cache", "import", "/nowhere", "--quiet"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("[image.archive]"),
  });
  expect(await cli(["cache", "export"])).toMatchObject({ code: 2, stderr: expect.stringContaining("needs the name of a file") });
});
