/** What forwardlab's own engine, and building images from packages, need of this machine. */
import type { MachineLacks } from "../core/engine-faults.ts";
import { which } from "./tools.ts";

/** Undefined: nothing. */
export function machineLacks(): MachineLacks | undefined {
  if (process.platform !== "linux") return "linux";
  if (process.getuid?.() !== 0) return "root";
  return which("apt-get", process.env) ? undefined : "apt-get";
}

const words: Record<MachineLacks, string> = { linux: "Linux", root: "root", "apt-get": "apt-get (Debian or Ubuntu)" };

/** `it needs root`. */
export function lackText(lacks: MachineLacks, subject: "it" | "that" = "it"): string {
  return `${subject} needs ${words[lacks]}`;
}
