/** What is here, what is missing, what to do: as data. Starts nothing, installs nothing, loads no kernel module. */
import { existsSync, readFileSync } from "node:fs";
import { type Cache, cacheOf } from "./cache.ts";
import { freeGib, isWritable } from "./disk.ts";
import { type EmbeddedStatus, embeddedStatus } from "./embedded.ts";
import type { Engine } from "./engine.ts";
import { engineFacts } from "./facts.ts";
import { type Attempt, findEngine, listed, whatToDo } from "./find.ts";
import { type ImageRequest, imageKey, presentImages } from "./images.ts";
import { lackText, machineLacks } from "./machine-lacks.ts";
import { ownTargets } from "./recipe.ts";
import { SUITES } from "./suites.ts";

export interface Check {
  name: string;
  /** `warn`: works, or will be brought by itself; `missing`: nothing works until something is done. */
  state: "ok" | "warn" | "missing";
  found: string;
  /** What to do; undefined when nothing. */
  todo?: string;
}

const NEEDED_NODE = 24;
/** Measured: 2.6 GiB with the images of all suites, for a while 0.4 GiB more when bases are made. */
const NEEDED_GIB = 3;
const LAB_LABEL = "forwardlab.lab";

/** All checks, in the order in which a person should mend things. */
export async function diagnose(): Promise<Check[]> {
  const cache = cacheOf();
  const { engine, tried, explicit } = await findEngine();
  const status = await embeddedStatus({ cache });
  return [
    nodeCheck(process.versions.node),
    kernelCheck(),
    await engineCheck(engine, tried, explicit),
    embeddedCheck(status),
    ...(engine ? [await imagesCheck(engine), await furtherImagesCheck(engine), await labsCheck(engine)] : []),
    await diskCheck(cache),
  ];
}

/** The Node that runs this. */
export function nodeCheck(version: string): Check {
  const good = Number(version.split(".")[0]) >= NEEDED_NODE;
  if (good) return { name: "Node", state: "ok", found: version };
  return {
    name: "Node",
    state: "missing",
    found: version,
    todo: `install Node ${NEEDED_NODE}, or in a checkout use \`npm run forwardlab\`, which installs it`,
  };
}

/** Only what can be told by looking; on a Mac the kernel that matters is the one of the engine's virtual machine. */
function kernelCheck(): Check {
  const name = "Kernel";
  if (process.platform !== "linux") return { name, state: "ok", found: `${process.platform}: the engine's Linux kernel is used` };
  const release = readFileSync("/proc/sys/kernel/osrelease", "utf8").trim();
  const absent = ["veth", "bridge", "nf_tables"].filter((feature) => !kernelHas(feature, release));
  if (absent.length === 0) return { name, state: "ok", found: `${release} with veth, bridge and nftables` };
  return {
    name,
    state: "warn",
    found: `${release}; not seen: ${absent.join(", ")}`,
    todo: `if labs do not start: \`modprobe ${absent.join(" ")}\` (a feature that is not loaded yet looks the same as a missing one)`,
  };
}

/** Built in, loaded, or there as a module. */
function kernelHas(feature: string, release: string): boolean {
  const modules = `/lib/modules/${release}`;
  const listed = (file: string) => existsSync(file) && new RegExp(`/${feature}\\.ko`, "m").test(readFileSync(file, "utf8"));
  if (existsSync(`/sys/module/${feature}`)) return true;
  if (listed(`${modules}/modules.builtin`) || listed(`${modules}/modules.dep`)) return true;
  const symbol = { veth: "veth_newlink", bridge: "br_add_if", nf_tables: "nft_register_chain_type" }[feature];
  return symbol !== undefined && readFileSync("/proc/kallsyms", "utf8").includes(` ${symbol}\n`);
}

async function engineCheck(engine: Engine | undefined, tried: readonly Attempt[], explicit: boolean): Promise<Check> {
  const name = "Engine";
  if (engine) {
    const { rootless, ownIds, cgroups } = await engineFacts(engine);
    const kinds = [...(engine.kind === "embedded" ? ["embedded"] : []), ...(rootless ? ["rootless"] : [])];
    const found = `${[...kinds, `${engine.product} ${engine.version}`].join(", ")} at ${engine.endpoint} (${engine.source}), cgroups v${cgroups}`;
    if (!ownIds) return { name, state: "ok", found };
    return { name, state: "missing", found: `${found}, userns-remap`, todo: "use an engine without userns-remap, or a rootless one" };
  }
  const found = `none answers\n${listed(tried)}`;
  const todo = whatToDo(tried, explicit);
  if (explicit) return { name, state: "missing", found, todo };
  const obstacle = machineLacks();
  if (!obstacle)
    return {
      name,
      state: "warn",
      found,
      todo: "nothing: the embedded engine starts when needed (or now, with `forwardlab engine start`)",
    };
  return {
    name,
    state: "missing",
    found,
    todo: `${todo} (The embedded engine cannot be used here: ${lackText(obstacle)}.)`,
  };
}

function embeddedCheck(status: EmbeddedStatus): Check {
  const name = "Embedded engine";
  const where = `${status.state} (${status.folder})`;
  if (status.state === "hung")
    return {
      name,
      state: "warn",
      found: `${where}: pid ${status.pid} does not answer`,
      todo: `\`forwardlab engine stop\`; its log is ${status.log}`,
    };
  if (status.state === "dead")
    return {
      name,
      state: "warn",
      found: `${where}: it died and left processes`,
      todo: "`forwardlab engine stop` kills them; so does the next start",
    };
  return { name, state: "ok", found: status.state === "absent" ? "not installed" : where };
}

async function imagesCheck(engine: Engine): Promise<Check> {
  const name = "Images";
  const requests: ImageRequest[] = [{ target: "fabric" }, ...SUITES.map((suite) => ({ target: "host", suite }))];
  const present = await presentImages(engine, requests);
  const absent = requests.map(imageKey).filter((key) => !present[key]);
  if (absent.length === 0) return { name, state: "ok", found: Object.keys(present).sort().join(", ") };
  const have = Object.keys(present).sort().join(", ") || "none";
  return {
    name,
    state: "warn",
    found: `${have}; not built or out of date: ${absent.join(", ")}`,
    todo: "nothing: they are built when needed",
  };
}

/** Images that only some scenarios need. */
async function furtherImagesCheck(engine: Engine): Promise<Check> {
  const further = ownTargets().filter(({ name }) => name !== "fabric" && name !== "host");
  const present = await presentImages(
    engine,
    further.map(({ name }) => ({ target: name })),
  );
  const lines = further.map(({ name, about }) => `${name} (${present[imageKey({ target: name })] ? "built" : "not built"}): ${about}`);
  return {
    name: "Scenario images",
    state: "ok",
    found: `built when the first scenario that needs them runs\n${lines.join("\n")}`,
  };
}

async function labsCheck({ docker }: Engine): Promise<Check> {
  const name = "Labs";
  const containers = await docker.listContainers({ all: true, filters: { label: [LAB_LABEL] } });
  const labs = [...new Set(containers.map(({ Labels }) => Labels[LAB_LABEL]))];
  if (labs.length === 0) return { name, state: "ok", found: "none running" };
  return {
    name,
    state: "warn",
    found: `${labs.join(", ")} (${containers.length} containers)`,
    todo: "kept or running labs; `forwardlab ls` shows them, `forwardlab down` or `forwardlab prune` removes them",
  };
}

/** Of the file system that holds the cache folder, which holds the embedded engine's images too. */
async function diskCheck({ folder }: Cache): Promise<Check> {
  const free = await freeGib(folder);
  const found = `${free.toFixed(1)} GiB free for ${folder}`;
  if (!isWritable(folder)) {
    const todo = "to build images, make it writable, or set FORWARDLAB_CACHE to another folder";
    return { name: "Disk", state: "warn", found: `this account may not write to ${folder}`, todo };
  }
  if (free >= NEEDED_GIB) return { name: "Disk", state: "ok", found };
  return {
    name: "Disk",
    state: "warn",
    found,
    todo: `building images needs up to ${NEEDED_GIB} GiB; free some space, or set FORWARDLAB_CACHE to another folder`,
  };
}
