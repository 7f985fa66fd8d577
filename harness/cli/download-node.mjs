// Extracts the Node program from the npm package for one platform; npm would decompress twice as much. Runs on any Node from 16 on.
import { closeSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { createGunzip } from "node:zlib";
import { filesOf } from "./npm-archive.mjs";
import { contentOf, newHash, opener, placesOf, requireIntegrity } from "./npm-registry.mjs";

const PROGRAM = "bin/node";
/** Size of decompressed pieces, in bytes. */
const PIECE = 1 << 20;

/**
 * Writes `bin/node` in `folder`; the file gets that name only when the package's hash has been verified.
 * @throws if the registry has the package elsewhere or not at all
 */
export async function downloadNode(registries, name, version, folder) {
  const open = opener(registries);
  const { about, archive } = placesOf(registries, name, version);
  const [described, answer] = await Promise.all([open(about).then(contentOf), open(archive)]);
  const program = join(folder, PROGRAM);
  mkdirSync(dirname(program), { recursive: true });
  requireIntegrity(await unpack(answer, `${program}.part`), JSON.parse(described.toString()).dist.integrity, archive);
  renameSync(`${program}.part`, program);
}

/** @returns the hash of the whole archive: the program is written as soon as it has been read, before the archive's end */
async function unpack(answer, to) {
  const [hash, gunzip] = [newHash(), createGunzip({ chunkSize: PIECE })];
  answer.on("data", (chunk) => {
    hash.update(chunk);
    if (!gunzip.destroyed) gunzip.write(chunk);
  });
  const whole = new Promise((done, fail) => {
    answer.on("error", fail).on("close", () => (answer.complete ? done() : fail(new Error("the connection was cut"))));
  });
  whole.then(
    () => gunzip.end(),
    (error) => gunzip.destroy(error),
  );
  for await (const { path, pieces } of filesOf(gunzip)) {
    if (path !== PROGRAM) continue;
    const file = openSync(to, "w", 0o755);
    for (const piece of pieces) writeSync(file, piece);
    closeSync(file);
    break;
  }
  await whole;
  return hash;
}
