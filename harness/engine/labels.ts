/** Labels on the containers that forwardlab starts. Light to import: the watchdog and the commands that only look need nothing else. */
import { hostname } from "node:os";

export const labLabel = "forwardlab.lab";
/** The host of the lab that the container stands for, or `fabric`. */
export const hostLabel = "forwardlab.host";
/** Name of a lab that a person keeps. */
export const keptLabel = "forwardlab.name";
/** Process that uses the lab, `machine/pid`. */
export const ownerLabel = "forwardlab.owner";
/** On the fabric: every host that can be entered, containers or not, comma-separated. */
export const enterLabel = "forwardlab.hosts";

/** This process, as a label that another one on the same machine can check. */
export function ownerOf(): string {
  return `${hostname()}/${process.pid}`;
}
