/** Progress on standard error: one live line on a terminal, plain lines elsewhere. */
import type { WriteStream } from "node:tty";
import type { SessionEvent } from "../session/events.ts";

export type Progress = (message: string) => void;

/** What a session tells, in the words of one line; undefined: nothing new to show. */
export function progressText(event: SessionEvent): string | undefined {
  if (event.type === "step") return event.text;
  if (event.type === "opening")
    return `opening ${event.forwards.length === 1 ? `forward ${event.forwards[0]}` : `${event.forwards.length} forwards`}`;
  if (event.type === "probed") return event.done === event.of ? `${event.of} probes done` : undefined;
  return undefined;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

export function startProgress(stream: WriteStream, { quiet = false }: { quiet?: boolean }): { say: Progress; stop(): void } {
  if (quiet) return { say: () => undefined, stop: () => undefined };
  if (!stream.isTTY || process.env.CI) {
    let last = "";
    return {
      say: (message) => {
        if (message !== last) stream.write(`forwardlab: ${message}\n`);
        last = message;
      },
      stop: () => undefined,
    };
  }
  const started = Date.now();
  let message = "";
  let frame = 0;
  const draw = () => {
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    const text = `${frames[frame++ % frames.length]} ${seconds} s  ${message}`.slice(0, (stream.columns || 80) - 1);
    stream.write(`\r\x1b[2K${text}`);
  };
  const timer = setInterval(() => message && draw(), 100);
  timer.unref();
  return {
    say: (next) => {
      message = next.replaceAll("\n", " ");
      draw();
    },
    stop: () => {
      clearInterval(timer);
      if (message) stream.write("\r\x1b[2K");
      message = "";
    },
  };
}
