/** The thread of `HostContainers`. */
import { enableCompileCache } from "node:module";
import { parentPort } from "node:worker_threads";
import { postponeUnused } from "../engine/load-dockerode.ts";
import { foundBy, postpone } from "../engine/postpone.ts";
import type { Role } from "./host-container.ts";

export interface StartRequest {
  id: number;
  image: string;
  role: Role;
  /** Of the lab's own engine; undefined: reached in another way. */
  socketPath: string | undefined;
}

/** `failed`: of an error what a message can carry. */
export type StartAnswer = { id: number; pid: number } | { id: number; failed: Failed };

interface Failed {
  message: string;
  code?: string;
  syscall?: string;
  statusCode?: number;
}

enableCompileCache();
postponeUnused();
// Only needed to copy files into containers, wait for a page, expose the machine's ports to containers, and for Compose: half of the loading time.
for (const unused of ["archiver", "undici", "ssh-remote-port-forward", "docker-compose"]) postpone(foundBy("testcontainers", unused));
const loaded = import("./host-container.ts");
// Reported to whoever asks for a container.
loaded.catch(() => undefined);

parentPort?.on("message", async ({ id, ...request }: StartRequest) => {
  const answer = await start(request).then(
    (pid): StartAnswer => ({ id, pid }),
    (error: unknown): StartAnswer => ({ id, failed: failureOf(error) }),
  );
  parentPort?.postMessage(answer);
});

async function start({ image, role, socketPath }: Omit<StartRequest, "id">): Promise<number> {
  const { HostContainer, pidOf, requireSameEngine } = await loaded;
  await requireSameEngine(socketPath);
  return pidOf(await new HostContainer(image, role).start());
}

function failureOf(error: unknown): Failed {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, code, syscall, statusCode } = error as NodeJS.ErrnoException & { statusCode?: number };
  return {
    message,
    ...(code === undefined ? {} : { code }),
    ...(syscall === undefined ? {} : { syscall }),
    ...(statusCode === undefined ? {} : { statusCode }),
  };
}
