/** A shell on a host of a live lab, with a terminal of its own. */
import type { Duplex } from "node:stream";
import type Docker from "dockerode";
import { enterHost, shell } from "../../lab/enter-host.ts";
import { FabricError } from "../../lab/fabric-error.ts";
import type { FoundLab } from "../../lab/find-labs.ts";
import type { Lab } from "../../lab/lab.ts";

export interface TerminalSize {
  cols: number;
  rows: number;
}

/** Disposing it ends the shell and what it runs. */
export interface Terminal extends AsyncDisposable {
  /** What is typed, and what is shown. It ends when the shell has ended. */
  readonly stream: Duplex;
  resize(size: TerminalSize): Promise<void>;
}

export async function openTerminal(
  docker: Docker,
  lab: Lab,
  places: Pick<FoundLab, "containers" | "fabric">,
  host: string,
  size: TerminalSize,
): Promise<Terminal> {
  lab.host(host);
  const { exec, stream } = await enterHost(docker, places, { host, command: shell, tty: true, term: "xterm-256color" });
  // A lab that ends takes its terminals with it.
  stream.on("error", () => undefined);
  const resize = async ({ cols, rows }: TerminalSize) => {
    await exec.resize({ w: cols, h: rows }).catch((error: unknown) => {
      if (!stream.destroyed && !stream.readableEnded) throw error;
    });
  };
  await resize(size);
  let over = false;
  return {
    stream,
    resize,
    [Symbol.asyncDispose]: async () => {
      if (over) return;
      over = true;
      const { Running, Pid } = await exec.inspect().catch(() => ({ Running: false, Pid: 0 }));
      if (Running && Pid > 0) await endSession(lab, Pid);
      stream.destroy();
    },
  };
}

/** The fabric sees every process of the lab by the same number as the engine does. */
async function endSession(lab: Lab, session: number): Promise<void> {
  await lab.fabric.request("end_session", { session }).catch((error: unknown) => {
    if (!(error instanceof FabricError && error.kind === "gone")) throw error;
  });
}
