/** Loads firewalls with the real tools: one container without a network, any number of loads. For the scripts here, not for tests. */
import { execFileSync } from "node:child_process";

export interface LoadResult {
  code: number;
  stderr: string;
  /** `nft -j -a list ruleset`. */
  json: string;
  /** `nft -a list ruleset`. */
  text: string;
}

/** What to load; paths are the lab's. */
export interface Load {
  files: Record<string, string | Uint8Array>;
  main?: string;
  main6?: string;
  kind: "nft" | "iptables";
}

const separator = "=====part=====";

/** @param image any image with nft and iptables-nft; the engine is the one that DOCKER_HOST names */
export function loadForReal(image: string, loads: readonly Load[]): LoadResult[] {
  const script = loads.map(script1).join("\n");
  const output = execFileSync("docker", ["run", "--rm", "--network", "none", "--cap-add", "NET_ADMIN", "-i", image, "sh"], {
    input: script,
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  const parts = output.split(`${separator}\n`);
  return loads.map((_, index) => {
    const [code = "", stderr = "", json = "", text = ""] = parts.slice(index * 4, index * 4 + 4);
    return { code: Number(code), stderr, json, text };
  });
}

function script1({ files, kind, main, main6 }: Load): string {
  const base64 = (content: string | Uint8Array) => Buffer.from(content).toString("base64");
  const folder = (path: string) => path.slice(0, path.lastIndexOf("/"));
  const uploads = Object.entries(files).map(
    ([path, content]) => `mkdir -p '${folder(path)}'; echo ${base64(content)} | base64 -d > '${path}'`,
  );
  const commands =
    kind === "nft" ? [`nft -f ${main}`] : [main && `iptables-nft-restore ${main}`, main6 && `ip6tables-nft-restore ${main6}`];
  return [
    "nft flush ruleset; cd /etc",
    ...uploads,
    `{ ${commands.filter(Boolean).join(" && ")}; } 2>/tmp/stderr; echo $?`,
    `echo ${separator}; cat /tmp/stderr; echo ${separator}`,
    `nft -j -a list ruleset 2>/dev/null; echo; echo ${separator}; nft -a list ruleset 2>/dev/null; echo ${separator}`,
    ...Object.keys(files).map((path) => `rm '${path}'`),
  ].join("\n");
}
