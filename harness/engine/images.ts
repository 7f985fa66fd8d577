/** Requests for images -> images that are there and up to date. */
import { rmSync } from "node:fs";
import type Dockerode from "dockerode";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Progress } from "../core/step.ts";
import { baseNames, obtainBase } from "./base.ts";
import { buildImage } from "./build.ts";
import { cacheOf } from "./cache.ts";
import type { Engine } from "./engine.ts";
import { engineFacts } from "./facts.ts";
import { inLanes } from "./lanes.ts";
import { lock } from "./lock.ts";
import { pull } from "./pull.ts";
import { ownTargets, type Recipe, recipeOf, tagOf } from "./recipe.ts";
import { DEFAULT_SUITE, OPENSSH_BY_SUITE, type Suite } from "./suites.ts";

/** One of the lab's own targets in containers/Dockerfile, or an image that the user names. */
export type ImageRequest = { target: string; suite?: Suite; image?: undefined } | { image: string; target?: undefined };

export interface ImageRef {
  /** What to start a container from. */
  reference: string;
  /** The engine's id, `sha256:…`. */
  id: string;
  /** `name@sha256:…` of the registry it came from, when it came from one. */
  digest?: string;
  /** Of the lab's own images. */
  suite?: Suite;
}

type Summary = Dockerode.ImageInfo;

/** An older image of ours that another process may be about to use is left alone for this long. Milliseconds. */
const GRACE_MS = 3_600_000;

/** What the names of the lab's own images begin with. */
const ownPrefix = "forwardlab/";

/**
 * The request for an image by its name: `forwardlab/NAME` is one of the lab's own, anything else is the user's.
 * @throws UserError `image.unknown-target` for a `forwardlab/NAME` that containers/Dockerfile does not have
 */
export function imageRequest(name: string): ImageRequest {
  const target = name.startsWith(ownPrefix) && !/[:@]/.test(name) ? name.slice(ownPrefix.length) : undefined;
  if (target === undefined) return { image: name };
  const own = ownTargets().filter((each) => each.name !== "fabric");
  if (own.some((each) => each.name === target)) return { target };
  throw new UserError("image.unknown-target", `forwardlab has no built-in image called ${target}`, {
    fault: faultOf("image-unknown", { known: own.map((each) => ownPrefix + each.name) }),
    found: name,
    expected: own.map((each) => ownPrefix + each.name).join(", "),
  });
}

/** The key of a request in the result of `ensureImages`: `fabric`, `host:trixie`, or the user's own name for the image. */
export function imageKey(request: ImageRequest): string {
  if (request.image !== undefined) return request.image;
  return request.target === "fabric" ? "fabric" : `${request.target}:${request.suite ?? DEFAULT_SUITE}`;
}

/**
 * Makes sure that the images exist: builds the lab's own that are missing and, with `pull`, pulls the user's that are missing. When all are there it costs one call to the
 * engine (and one per image that the user names): it may be called before every run.
 * @throws UserError `image.bad-name`, `image.not-found`, `image.not-pulled`, `image.no-base`, `image.base-build`, `image.build`, `image.packages`, `engine.disk-full`, `engine.packages`
 */
export async function ensureImages(
  engine: Engine,
  requests: readonly ImageRequest[],
  { progress, pull: pulls = false }: { progress: Progress; pull?: boolean },
): Promise<Record<string, ImageRef>> {
  const list = await ourImages(engine);
  const result: Record<string, ImageRef> = {};
  const missing: Recipe[] = [];
  await Promise.all(
    requests.map(async (request) => {
      const key = imageKey(request);
      if (request.image !== undefined) {
        result[key] = await userImage(engine, request.image, pulls ? progress : undefined);
        return;
      }
      const recipe = recipeOf(request.target, request.suite ?? DEFAULT_SUITE);
      const found = find(list, recipe);
      if (found) result[key] = found;
      else if (!missing.some((other) => other.name === recipe.name && other.suite === recipe.suite)) missing.push(recipe);
    }),
  );
  if (missing.length === 0) return result;
  await requireOwnIds(engine);

  const cache = cacheOf();
  await using _lock = await lock(cache.lockFile, progress);
  rmSync(cache.scratch, { recursive: true, force: true }); // of a build that was killed
  await inLanes([...new Set(missing.map(({ suite }) => suite))], (suite) => provideBase(engine, suite, progress));
  for (const recipes of inTurn(missing)) {
    await inLanes(recipes, async (recipe) => {
      result[imageKey(recipe)] = await obtain(engine, recipe, progress);
    });
  }
  return result;
}

/** What is built on another image comes after it: then the engine still knows how it built that one. */
function inTurn(recipes: readonly Recipe[]): Recipe[][] {
  return Object.values(Object.groupBy(recipes, ({ on }) => on.length)) as Recipe[][]; // whole numbers are keys in ascending order
}

async function provideBase(engine: Engine, suite: Suite, progress: Progress): Promise<void> {
  if (!findBase(await ourImages(engine), suite)) await obtainBase(engine, suite, progress);
}

/** Where the engine gives its containers other ids than the machine's, the fabric may enter none of them, and no base can be imported. */
async function requireOwnIds(engine: Engine): Promise<void> {
  if (!(await engineFacts(engine)).ownIds) return;
  throw new UserError("engine.userns", "the engine gives its containers ids of their own", {
    fault: faultOf("engine-userns", { engine: engine.endpoint }),
    found: `${engine.endpoint} with userns-remap`,
    expected: "an engine without userns-remap: the lab enters its containers from outside",
    todo: "use another engine (DOCKER_HOST), or one that is rootless as a whole",
  });
}

/** Which of the requested images of the lab's own are there and up to date. Builds and pulls nothing. */
export async function presentImages(engine: Engine, requests: readonly ImageRequest[]): Promise<Record<string, ImageRef>> {
  const list = await ourImages(engine);
  const result: Record<string, ImageRef> = {};
  for (const request of requests) {
    const found = request.image === undefined && find(list, recipeOf(request.target, request.suite ?? DEFAULT_SUITE));
    if (found) result[imageKey(request)] = found;
  }
  return result;
}

/** Removes all images that forwardlab built in this engine, and their bases. An image in use stays. */
export async function removeImages(engine: Engine): Promise<void> {
  const tags = (await ourImages(engine)).flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => /^forwardlab[/-]/.test(plain(tag)));
  const bases = (tag: string) => plain(tag).startsWith("forwardlab-base:");
  for (const tag of tags.sort((a, b) => Number(bases(a)) - Number(bases(b))))
    await engine.docker
      .getImage(tag)
      .remove()
      .catch(() => {});
}

/** The lab's own images and what they may be based on. */
async function ourImages({ docker }: Engine): Promise<Summary[]> {
  const all = await docker.listImages();
  // Not by the engine's filters: Podman 4 takes several of them for all at once.
  return all.filter(({ RepoTags }) => RepoTags?.some((tag) => /^(forwardlab\/|forwardlab-base:|debian:)/.test(plain(tag))));
}

/** Up to date means: same recipe, same base. A base that has been removed cannot have changed. */
function find(list: readonly Summary[], recipe: Recipe): ImageRef | undefined {
  const base = findBase(list, recipe.suite);
  const wanted = `${recipe.name}:${base ? tagOf(recipe, base.id) : tagOf(recipe, "")}`;
  for (const { Id, RepoTags } of list) {
    const reference = RepoTags?.find((tag) => (base ? plain(tag) === wanted : plain(tag).startsWith(wanted)));
    if (reference) return { reference, id: Id, suite: recipe.suite };
  }
  return undefined;
}

function findBase(list: readonly Summary[], suite: Suite): { name: string; id: string } | undefined {
  for (const name of baseNames(suite)) {
    const found = list.find(({ RepoTags }) => RepoTags?.some((tag) => plain(tag) === name));
    if (found) return { name, id: found.Id };
  }
  return undefined;
}

async function obtain(engine: Engine, recipe: Recipe, progress: Progress): Promise<ImageRef> {
  const list = await ourImages(engine);
  const meanwhile = find(list, recipe); // another process may have built it while this one waited for the lock
  if (meanwhile) return meanwhile;
  const base = findBase(list, recipe.suite);
  if (!base) throw new Error(`the base of ${recipe.suite} is not in the list of images after it was made`);
  const reference = `${recipe.name}:${tagOf(recipe, base.id)}`;
  await buildImage(engine, recipe, base.name, reference, progress);
  const { Id } = await engine.docker.getImage(reference).inspect();
  await removeOutdated(engine, list, recipe, reference);
  return { reference, id: Id, suite: recipe.suite };
}

async function removeOutdated({ docker }: Engine, before: readonly Summary[], recipe: Recipe, current: string): Promise<void> {
  const old = before.filter(({ Created }) => Date.now() - Created * 1000 > GRACE_MS).flatMap(({ RepoTags }) => RepoTags ?? []);
  const outdated = old.filter((tag) => plain(tag).startsWith(`${recipe.name}:${recipe.suite}-`) && plain(tag) !== current);
  for (const tag of outdated)
    await docker
      .getImage(tag)
      .remove()
      .catch(() => {}); // in use: it goes next time
}

/** Without `progress` nothing is pulled: who writes a policy may be a stranger, and what is pulled runs. */
async function userImage(engine: Engine, name: string, progress: Progress | undefined): Promise<ImageRef> {
  if (!/^[A-Za-z0-9][\w./:@-]*$/.test(name) || name.includes("..")) {
    throw new UserError("image.bad-name", `${JSON.stringify(name)} is not an image name`, {
      fault: faultOf("image-name", { name }),
      expected: "registry/name:tag, name:tag, name@sha256:… or an image id",
    });
  }
  const info = (await inspectImage(engine, name)) ?? (progress ? await pulled(engine, name, progress) : undefined);
  if (!info) {
    throw new UserError("image.not-pulled", `the image ${name} is not in the engine`, {
      fault: faultOf("image-not-pulled", { image: name }),
      expected: "an image that the engine has: what a policy names is pulled only with `--pull`",
      todo: `build it or \`docker pull ${name}\`; or add \`--pull\`, if you trust the policy and the image`,
    });
  }
  const [digest] = info.RepoDigests ?? [];
  return { reference: name, id: info.Id, ...(digest && { digest }) };
}

async function pulled(engine: Engine, name: string, progress: Progress): Promise<Dockerode.ImageInspectInfo> {
  const refused = await pull(engine, name, progress);
  const info = await inspectImage(engine, name);
  if (info) return info;
  throw new UserError("image.not-found", `the image ${name} is not in the engine and cannot be pulled`, {
    fault: faultOf("image-not-found", { image: name, versions: Object.keys(OPENSSH_BY_SUITE) }),
    found: refused,
    todo: `build it or \`docker pull\` it first, or use one of these OpenSSH versions: ${Object.keys(OPENSSH_BY_SUITE).join(", ")}`,
  });
}

function inspectImage({ docker }: Engine, name: string): Promise<Dockerode.ImageInspectInfo | undefined> {
  return docker.getImage(name).inspect().catch(absent);
}

/** Podman calls its own `localhost/…` and Debian's `docker.io/library/…`. */
function plain(tag: string): string {
  return tag.replace(/^localhost\/|^docker\.io\/(library\/)?/, "");
}

function absent(error: { statusCode?: number }): undefined {
  if (error.statusCode === 404 || error.statusCode === 400) return undefined;
  throw error;
}
