/** What a run tells of its stages while it works, as a code with parameters, and in English. Other languages make their own words of the code. */
import { formatDuration } from "./duration.ts";
import type { Outcome } from "./result.ts";

interface ParamsOfStep {
  // an engine, and its images
  "waiting-for-engine": { endpoint: string; source: string; said: string };
  "waiting-for-lock": Record<never, never>;
  "starting-embedded": Record<never, never>;
  "embedded-is": { folder: string };
  "waiting-for-embedded": Record<never, never>;
  "stopping-embedded": Record<never, never>;
  "downloading-debian": { packages: readonly string[]; folder: string };
  "reading-package-lists": Record<never, never>;
  "downloading-npm": { image: string };
  "building-base": { suite: string };
  "building-image": { image: string; suite: string };
  "image-ready": { image: string; suite: string; seconds: number };
  pulling: { image: string };
  "asking-firewalld": Record<never, never>;

  // a lab
  "starting-containers": { count: number };
  "wiring-hosts": Record<never, never>;
  "starting-sshd": Record<never, never>;
  /** `seconds`: at most. */
  "client-silent": { forward: string; from: string; seconds: number };
  "principals-asked": { done: number; of: number };
  "opening-forwards": { forwards: readonly string[] };
  "probes-done": { count: number };

  // a run
  "verifying-side": { name: string };
  /** `done` of `of`: left out where only one is told. */
  "server-done": { name: string; outcome: Outcome | null; done?: number; of?: number };
  "trying-remedies": { forward?: string };
  "trying-together": Record<never, never>;
  "lines-changed": { done: number; of: number };
  "files-changed": { servers: number };
  /** `servers`: those that were judged, where it was not all; `all`: how many there are, where there are several. */
  "waiting-for-change": { seconds: number; servers?: readonly string[]; all?: number };

  // scenarios and lessons
  scenarios: { count: number };
  "scenario-done": { name: string; done: number; of: number };
  "lesson-done": { name: string; done: number; of: number };
  "preparing-page": Record<never, never>;
  "lessons-open": Record<never, never>;
}

export type StepCode = keyof ParamsOfStep;
export type StepParams<Code extends StepCode> = ParamsOfStep[Code];
export type StepTable = { readonly [Code in StepCode]: (is: ParamsOfStep[Code]) => string };

/** `text` is for a person, in English. */
export type Step = { [Code in StepCode]: { code: Code; params: ParamsOfStep[Code]; text: string; server?: string } }[StepCode];

/** Told of each stage. */
export type Progress = (step: Step) => void;

export function stepOf<Code extends StepCode>(code: Code, params: ParamsOfStep[Code]): Step {
  return { code, params, text: english[code](params) } as Step;
}

/** The same, of one server of several. */
export function stepAt(server: string, step: Step): Step {
  return { ...step, server, text: `${server}: ${step.text}` };
}

const english: StepTable = {
  "waiting-for-engine": ({ endpoint, source, said }) => `waiting for the engine at ${endpoint} (${source}): ${said}`,
  "waiting-for-lock": () => "waiting for another forwardlab process on this machine to finish its preparations",
  "starting-embedded": () => "no container engine runs on this machine: starting forwardlab's embedded one",
  "embedded-is": ({ folder }) =>
    `  (Debian's dockerd, unpacked below ${folder}; nothing is installed on the system; \`forwardlab engine rm\` removes all of it)`,
  "waiting-for-embedded": () => "waiting for the embedded engine to answer",
  "stopping-embedded": () => "stopping the embedded engine",
  "downloading-debian": ({ packages, folder }) => `downloading Debian packages (${packages.join(", ")}) into ${folder}`,
  "reading-package-lists": () => "reading Debian's package lists",
  "downloading-npm": ({ image }) => `downloading npm packages for the image ${image}`,
  "building-base": ({ suite }) => `no registry answers: building the base image for Debian ${suite} from Debian packages`,
  "building-image": ({ image, suite }) => `building the image ${image} (Debian ${suite})`,
  "image-ready": ({ image, suite, seconds }) => `the image ${image} (Debian ${suite}) is ready after ${seconds} s`,
  pulling: ({ image }) => `pulling ${image}`,
  "asking-firewalld": () => "getting the rules from firewalld",

  "starting-containers": ({ count }) => `starting ${count} containers`,
  "wiring-hosts": () => "wiring the hosts",
  "starting-sshd": () => "starting sshd, checking the lab",
  "client-silent": ({ forward, from, seconds }) => `${forward}: ${from} is silent, waiting at most ${formatDuration(seconds)}`,
  "principals-asked": ({ done, of }) => `asked as ${done} of ${of} principals`,

  "opening-forwards": ({ forwards }) => `opening ${forwards.length === 1 ? `forward ${forwards[0]}` : `${forwards.length} forwards`}`,
  "probes-done": ({ count }) => `${count} probes done`,

  "verifying-side": ({ name }) => `verifying ${name}`,
  "server-done": ({ name, outcome, done, of }) =>
    `${done === undefined ? "" : `${done} of ${of} servers: `}${name}: ${outcome ?? "no result"}`,
  "trying-remedies": ({ forward }) => (forward === undefined ? "trying remedies" : `trying remedies for ${forward}`),
  "trying-together": () => "trying the remedies together",
  "lines-changed": ({ done, of }) => `changed ${done} of ${of} lines`,
  "files-changed": ({ servers }) => (servers === 1 ? "a file has changed" : `files of ${servers} servers have changed`),
  "waiting-for-change": ({ seconds, servers, all }) => {
    const which = servers === undefined ? `judged all ${all}` : `judged ${servers.join(", ") || "none"}`;
    return `${all === undefined ? "" : `${which} in `}${seconds.toFixed(1)} s; waiting for the next change of a file`;
  },

  scenarios: ({ count }) => `${count} scenario${count === 1 ? "" : "s"}`,
  "scenario-done": ({ name, done, of }) => `${done} of ${of} scenarios: ${name}`,
  "lesson-done": ({ name, done, of }) => `${done} of ${of} lessons: ${name}`,
  "preparing-page": () => "preparing the page",
  "lessons-open": () => "the lessons are open; Ctrl-C ends them",
};
