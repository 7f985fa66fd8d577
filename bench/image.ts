/** The image in which the floor and the usual way run, made from the lab's own; no network is needed. */
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import type Docker from "dockerode";
import { readStream } from "../harness/engine/stream.ts";
import { tar } from "../harness/engine/tar.ts";

export async function buildBenchImage(docker: Docker, from: { host: string; fabric: string }, tag: string): Promise<void> {
  const context = tar([{ path: "Dockerfile", content: readFileSync(new URL("./Dockerfile", import.meta.url)) }]);
  const options = { t: tag, buildargs: { HOST: from.host, FABRIC: from.fabric }, networkmode: "none", forcerm: true, nocache: true };
  const { error, output } = await readStream(await docker.buildImage(Readable.from([context], { objectMode: false }), options));
  if (error !== undefined) throw new Error(`the bench's image could not be built: ${output.slice(-2000)}`);
}
