/** English. */
import type { CommandWords } from "./word-table.ts";

export const english: CommandWords = {
  interrupted: "interrupted, cleaning up",
  bug: "forwardlab itself failed; this is a bug, please report it",
  warning: (text) => `warning: ${text}`,
  keeps: (lab) => `the lab keeps running as \`${lab}\`: forwardlab shell --lab ${lab} home; forwardlab down ${lab}`,
  init: {
    leftOut: ({ forward, because }) => `${forward} is left out, as not all of it could be proven: ${because}`,
    done: ({ file, held, outcome, outside }) =>
      `${file}: ${held} expectations, ${outcome === "pass" ? "all of them hold" : `but it does not verify: ${outcome}`}${
        outside ? "; the server's files lie outside of its folder: verify it with --allow-outside" : ""
      }`,
  },
  lab: {
    selfCheckFailed: (check, detail) => `self-check failed: ${check}${detail ? ` (${detail})` : ""}`,
    up: (name) => `The lab \`${name}\` is up:`,
    try: "Try:",
    ifOpen: "(answers if GatewayPorts and the firewall open the port)",
    none: "no labs",
    columns: ["NAME", "STATE", "ID", "HOSTS"],
    states: { kept: "kept", "in use": "in use", "left over": "left over" },
    removed: (name) => `removed the lab ${name}`,
    removedLabs: (count) => `${count} ${count === 1 ? "lab" : "labs"} removed`,
    removedImages: "removed the images that forwardlab built",
  },
  engine: {
    running: (version, endpoint) => `the embedded engine is running: Docker ${version} at ${endpoint}`,
    stopped: (was) => (was ? "stopped the embedded engine" : "the embedded engine was not running"),
    removed: (was) => (was ? "removed the embedded engine and all its files" : "there was no embedded engine"),
  },
  learn: {
    invitation: (url) => `Open this page in a browser on this machine; anyone who has its address gets in:

  ${url}

Each lesson asks you to predict who gets in, runs on a lab of its own, and shows what happened.
Ctrl-C ends the lessons and removes the lab.
`,
    otherwise: (lesson) => `${lesson} did not turn out as it says: see its page`,
  },
};
