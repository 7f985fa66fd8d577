/** The lab's own images in one file, for the cache of a CI system: written, checked, and loaded again. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Progress } from "../core/step.ts";
import { saysDiskFull } from "./disk.ts";
import type { Engine } from "./engine.ts";
import { ensureImages, type ImageRequest, imageKey, presentImages } from "./images.ts";
import { ownTargets, recipeOf } from "./recipe.ts";
import { PIECE, readStream } from "./stream.ts";
import { DEFAULT_SUITE, SUITES } from "./suites.ts";

/** Of the head: one JSON object, filled up with spaces. What follows is what `docker save` writes. */
const HEAD = 4096;
const FORMAT = "forwardlab-images";

interface Head {
  format: typeof FORMAT;
  version: 1;
  /** As Docker names it. */
  architecture: string;
  /** `NAME:SUITE-RECIPE.BASE`, as the engine had them. */
  images: string[];
  /** Of all that follows. */
  bytes: number;
  sha256: string;
}

/** What every lab needs. */
const usual: readonly ImageRequest[] = [{ target: "fabric" }, { target: "host" }];

/**
 * Names what the images are made from: the same as long as neither the Dockerfile nor the agent changes. Debian's packages move on
 * without changing it.
 */
export function imagesKey(): string {
  const hash = createHash("sha256");
  for (const { target, suite } of usual.map(recipeFor)) hash.update(`${target} ${suite} ${recipeOf(target, suite).hash}\n`);
  return `forwardlab-images-${hash.digest("hex").slice(0, 16)}`;
}

/**
 * Writes the images that every lab needs, building what is missing; `all`: also every other one of this version that the engine has.
 * The file is complete or is not there.
 * @returns the images
 * @throws UserError `image.archive`, `engine.disk-full`, and those of `ensureImages`
 */
export async function exportImages(engine: Engine, file: string, options: { all?: boolean; progress: Progress }): Promise<string[]> {
  const images = await ensureImages(engine, usual, options);
  if (options.all) Object.assign(images, await presentImages(engine, everyRequest()));
  const names = [...new Set(Object.values(images).map(({ reference }) => reference))].sort();
  const aside = `${file}.${process.pid}.part`;
  try {
    await using handle = await open(aside, "w");
    await write(handle, await save(engine, names), { architecture: engine.architecture, images: names });
    await rename(aside, file);
  } catch (error) {
    throw writeError(file, error as Error);
  } finally {
    await rm(aside, { force: true });
  }
  return names;
}

/**
 * Loads what `exportImages` wrote. Nothing reaches the engine before the whole file was read and its hash found right. The hash tells
 * a damaged file; who may write the cache may write another hash.
 * @returns the images
 * @throws UserError `image.archive`, `image.archive-outdated`, `engine.disk-full`
 */
export async function importImages(engine: Engine, file: string): Promise<string[]> {
  await using handle = await open(file, "r").catch((error: Error) => {
    throw new UserError("image.archive", "the file of images cannot be read", {
      fault: faultOf("archive-unreadable", {}),
      place: { file },
      found: error.message,
    });
  });
  const head = await readHead(handle, file);
  requireCurrent(head, engine, file);
  await requireWhole(handle, head, file);
  const loaded = await load(engine, createReadStream(file, { start: HEAD, end: HEAD + head.bytes - 1, highWaterMark: PIECE }));
  if (loaded.error !== undefined) {
    const full = saysDiskFull(loaded.error);
    throw new UserError(full ? "engine.disk-full" : "image.archive", "the engine does not take the file of images", {
      fault: full ? faultOf("engine-disk-full", {}) : faultOf("archive-refused", {}),
      place: { file },
      found: loaded.error,
      todo: full ? "free some space (`docker system df` shows what uses it)" : "write the file again with `forwardlab cache export`",
    });
  }
  return head.images;
}

function recipeFor(request: ImageRequest) {
  return { target: request.target ?? "", suite: (request.image === undefined && request.suite) || DEFAULT_SUITE };
}

function everyRequest(): ImageRequest[] {
  const others = ownTargets().filter(({ name }) => name !== "host");
  return [...others.map(({ name }) => ({ target: name })), ...SUITES.map((suite) => ({ target: "host", suite }))];
}

/** All in one archive: the layers that they share are in it once. */
function save({ docker }: Engine, names: readonly string[]): Promise<NodeJS.ReadableStream> {
  const options = {
    path: "/images/get?",
    method: "GET",
    options: { _query: { names } },
    isStream: true,
    statusCodes: { 200: true, 404: "no such image", 500: "server error" },
  };
  return new Promise((done, fail) =>
    docker.modem.dial(options, (error, stream) => (error ? fail(error) : done(stream as NodeJS.ReadableStream))),
  );
}

async function write(handle: FileHandle, archive: NodeJS.ReadableStream, about: Pick<Head, "architecture" | "images">): Promise<void> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of archive as AsyncIterable<Buffer>) {
    hash.update(chunk);
    await handle.write(chunk, 0, chunk.length, HEAD + bytes);
    bytes += chunk.length;
  }
  const head: Head = { format: FORMAT, version: 1, ...about, bytes, sha256: hash.digest("hex") };
  await handle.write(JSON.stringify(head).padEnd(HEAD), 0);
}

async function readHead(handle: FileHandle, file: string): Promise<Head> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD), 0, HEAD, 0).catch((error: Error) => {
    throw new UserError("image.archive", "the file of images cannot be read", {
      fault: faultOf("archive-unreadable", {}),
      place: { file },
      found: error.message,
    });
  });
  const head = bytesRead === HEAD ? parsed(buffer.toString()) : undefined;
  if (head?.format === FORMAT && head.version === 1) return head as Head;
  throw new UserError("image.archive", "this is not a file of forwardlab's images", {
    fault: faultOf("archive-other-file", {}),
    place: { file },
    expected: "what `forwardlab cache export` wrote",
    todo: "name that file; an archive of `docker save` is loaded with `docker load`",
  });
}

function parsed(text: string): Partial<Head> | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws UserError for images that this version, or this engine, would not use */
function requireCurrent({ architecture, images }: Head, engine: Engine, file: string): void {
  const current = everyRequest().map((request) => {
    const { name, suite, hash } = recipeOf(recipeFor(request).target, recipeFor(request).suite);
    return `${name}:${suite}-${hash}.`;
  });
  const foreign = images.filter((image) => !current.some((start) => image.replace(/^localhost\//, "").startsWith(start)));
  const otherMachine = architecture !== engine.architecture;
  if (!otherMachine && foreign.length === 0) return;
  throw new UserError("image.archive-outdated", "the file has images for another machine or of another forwardlab", {
    fault: faultOf("archive-outdated", {
      machine: otherMachine ? architecture : undefined,
      engine: engine.architecture,
      foreign,
      usual: usual.map(imageKey),
    }),
    place: { file },
    found: otherMachine ? `images for ${architecture}` : foreign.join(", "),
    expected: otherMachine ? `images for ${engine.architecture}` : `images of this version: ${usual.map(imageKey).join(", ")}`,
    todo: "write the file again with `forwardlab cache export`; `forwardlab cache key` tells when it must be",
  });
}

async function requireWhole(handle: FileHandle, { bytes, sha256 }: Head, file: string): Promise<void> {
  const hash = createHash("sha256");
  let found = 0;
  for await (const chunk of handle.createReadStream({ start: HEAD, autoClose: false, highWaterMark: PIECE }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    found += chunk.length;
  }
  if (found === bytes && hash.digest("hex") === sha256) return;
  throw new UserError("image.archive", "the file of images is damaged", {
    fault: faultOf("archive-damaged", { found: found === bytes ? undefined : found, bytes }),
    place: { file },
    found: found === bytes ? "another hash than the file states" : `${found} bytes of images`,
    expected: found === bytes ? `sha256 ${sha256}` : `${bytes} bytes`,
    todo: "remove it, and write it again with `forwardlab cache export`",
  });
}

async function load({ docker }: Engine, archive: NodeJS.ReadableStream): Promise<{ error?: string }> {
  try {
    return await readStream(await docker.loadImage(archive, { quiet: true }));
  } catch (error) {
    return { error: (error as Error).message };
  }
}

function writeError(file: string, error: Error): Error {
  if (error instanceof UserError) return error;
  if (saysDiskFull(error.message)) {
    return new UserError("engine.disk-full", "the disk is full", {
      fault: faultOf("disk-full", {}),
      place: { file },
      found: error.message,
      todo: "free some space",
    });
  }
  return new UserError("image.archive", "the file of images cannot be written", {
    fault: faultOf("archive-unwritable", {}),
    place: { file },
    found: error.message,
  });
}
