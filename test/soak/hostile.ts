/** Servers that take all they can get: the run ends as an error, or with the verdicts that are true, and the machine stays usable. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readStream } from "../../harness/engine/stream.ts";
import { tar } from "../../harness/engine/tar.ts";
import { endOf, forwardlab, Place, Run } from "./command.ts";
import { OwnEngine } from "./own-engine.ts";
import { leftBy } from "./traces.ts";
import { type Options, type Row, Tally } from "./trial.ts";

/** Such a run ends within, and all of it is gone within, milliseconds. */
const [endMs, goneMs] = [60_000, 30_000];

const bombs = {
  processes: "f() { f | f & }; f",
  memory: "for each in 1 2 3 4; do tail /dev/zero & done; wait",
  output: "yes",
};
type Bomb = keyof typeof bombs;

export async function soakHostile({ count, cache }: Options): Promise<Row[]> {
  const folder = join(cache, "trials");
  rmSync(folder, { recursive: true, force: true });
  await using engine = await OwnEngine.start(join(cache, "engine"));
  await engine.loadImages(cache);
  const rows: Row[] = [];
  for (const bomb of Object.keys(bombs) as Bomb[]) {
    const image = await bombImage(engine, bomb);
    const kinds = [
      // Nothing that `verify` does starts it: the verdicts are those of a harmless one.
      { what: `hostile: ForceCommand without end (${bomb})`, policy: forced(join(cache, "servers"), bomb), ends: ["exit code 0"] },
      // What was proven before it has grown is true.
      {
        what: `hostile: an image's sshd without end (${bomb})`,
        policy: withImage(join(cache, "servers"), bomb, image),
        ends: ["exit code 2 error[lab-limit]", "exit code 0"],
      },
    ];
    for (const [at, { what, policy, ends }] of kinds.entries()) {
      const tally = new Tally(what);
      for (let trial = 0; trial < count; trial++) {
        const place = new Place(folder, `${bomb}-${at}-${trial}`);
        const run = new Run(forwardlab, ["verify", policy, "--quiet", "--report", `json=${place.json}`], { ...engine.env, ...place.env });
        const late = setTimeout(() => run.child.kill("SIGKILL"), endMs);
        const ended = await run.ended;
        clearTimeout(late);
        const load = readFileSync("/proc/loadavg", "utf8").split(" ")[0];
        const end = endOf(ended);
        const wrong = ends.includes(end) ? [] : [`${end}: ${ended.stderr.slice(-600)}`];
        tally.add(`trial ${trial}, ${Math.round(ended.ms)} ms, load ${load}`, end, [...wrong, ...(await leftBy(engine, place, goneMs))]);
      }
      rows.push(tally.row);
    }
  }
  return rows;
}

/** The lab's own image, whose sshd starts more than itself. */
async function bombImage(engine: OwnEngine, bomb: Bomb): Promise<string> {
  const base = await engine.imageOf({ target: "host" });
  const name = `forwardlab-soak:${bomb}`;
  const sshd = `#!/bin/sh\ncase " $* " in *" -D "*) (${bombs[bomb]}) & ;; esac\nexec /usr/sbin/sshd.real "$@"\n`;
  const dockerfile = `FROM ${base}\nRUN mv /usr/sbin/sshd /usr/sbin/sshd.real\nCOPY sshd /usr/sbin/sshd\nRUN chmod 755 /usr/sbin/sshd\n`;
  const context = tar([
    { path: "Dockerfile", content: Buffer.from(dockerfile) },
    { path: "sshd", content: Buffer.from(sshd) },
  ]);
  const { error } = await readStream(await engine.docker.buildImage(context as never, { t: name, networkmode: "none" }));
  if (error !== undefined) throw new Error(`the image ${name} could not be built: ${error}`);
  return name;
}

const forwards = `forwards:
  everyone: { ssh: "-R :43234:localhost:3389", reachable_from: [anyone] }
`;

function forced(folder: string, bomb: Bomb): string {
  return write(join(folder, `forced-${bomb}`), {
    "policy.yaml": `server: { sshd_config: sshd_config }\n${forwards}`,
    sshd_config: `GatewayPorts clientspecified\nForceCommand sh -c '${bombs[bomb]}'\n`,
  });
}

function withImage(folder: string, bomb: Bomb, image: string): string {
  return write(join(folder, `image-${bomb}`), {
    "policy.yaml": `server: { sshd_config: sshd_config, image: "${image}" }\n${forwards}`,
    sshd_config: "GatewayPorts clientspecified\n",
  });
}

function write(folder: string, files: Record<string, string>): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}
