/** Progress on standard error: one live line on a terminal, plain lines elsewhere. */
import type { WriteStream } from "node:tty";
import { type Step, stepOf } from "../core/step.ts";
import { columnsOf } from "../report/wrap.ts";
import type { SessionEvent } from "../session/events.ts";

/** What of a session's events is shown; undefined: nothing new. */
export function stepOfEvent(event: SessionEvent): Step | undefined {
  if (event.type === "step") return event;
  if (event.type === "opening") return stepOf("opening-forwards", { forwards: event.forwards });
  return event.type === "probed" && event.done === event.of ? stepOf("probes-done", { count: event.of }) : undefined;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** What fits into so many columns. */
function cutTo(text: string, columns: number): string {
  let end = text.length;
  while (columnsOf(text.slice(0, end)) > columns) end--;
  return text.slice(0, end);
}

export function startProgress(stream: WriteStream, { quiet = false }: { quiet?: boolean }): { say(message: string): void; stop(): void } {
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
    const text = cutTo(`${frames[frame++ % frames.length]} ${seconds} s  ${message}`, (stream.columns || 80) - 1);
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
