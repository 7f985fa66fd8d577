/** Lessons on a live lab: what they tell, what is recorded of a run, and what a lab shows while a person works in it. Plain data for the page and the terminal. */
import type { ToldError } from "./errors.ts";
import type { LabSpec } from "./lab-spec.ts";
import type { Result, ResultCell, ResultForward } from "./result.ts";
import type { Verdict } from "./verdict.ts";

/** In the order in which they are told. */
export type Topic =
  | "remote"
  | "local"
  | "dynamic"
  | "other-ways"
  | "services"
  | "server-policy"
  | "firewall-and-nat"
  | "lifetime"
  | "other-servers"
  | "alternatives"
  | "myths";

/** What a person reads, in each language. */
export interface Text {
  en: string;
  ja: string;
}

/** What a scenario's file tells. */
export interface Scenario {
  topic: Topic;
  /** The claim, in one line. */
  title: Text;
  /** Asked before anything is run. */
  question: Text;
  /** What to write down before looking. */
  predict: Text;
  /** As a person types them, each with the host and account that it is typed on: `home$ ssh -R …`, `server# nft …`. */
  commands: readonly string[];
  /** What the lab shows. */
  seen: Text;
  /** What makes it so. */
  why: Text;
  /** First OpenSSH that can show it, e.g. `9.2`; `forwardlab run --openssh` leaves it out for older ones. */
  since?: string;
}

export interface Lesson extends Scenario {
  /** The file's name without its ending. */
  name: string;
}

/** Lessons that belong together, in order. */
export interface Chapter {
  title: Text;
  /** Names of lessons. */
  lessons: readonly string[];
}

/** A task with files to edit, graded by `verify`. */
export interface Exercise {
  /** Its folder's name. */
  name: string;
  title: Text;
  task: Text;
  /** Told last, after the hints from what was observed. */
  hint: Text;
  /** What may be edited, as it is at the start. */
  files: readonly EditedFile[];
  /** The arguments of ssh that may be edited, by forward. */
  commands: Readonly<Record<string, string>>;
}

export interface EditedFile {
  /** Relative to the exercise. */
  name: string;
  text: string;
}

export interface Catalogue {
  lessons: readonly Lesson[];
  /** In order; a lesson stands in it once. */
  course: readonly Chapter[];
  /** All others, by topic. */
  library: readonly Chapter[];
  exercises: readonly Exercise[];
}

/** The lab of a lesson, as it can be started again. What is left out of `openssh` and `image` is whatever the learner has chosen. */
export interface StatedLab {
  spec: LabSpec;
  /** Of the server. */
  openssh?: string;
  image?: string;
}

/**
 * What happens in a run of a lesson, in order. A player shows it at a person's pace: it stops at `asked` for a prediction, whose answer are the
 * `cells` with the same `id`.
 */
export type RunEvent =
  | { type: "lab"; topology: Result["topology"]; openssh: string; stated?: StatedLab }
  /** One experiment begins; its name is the claim that it proves, so it is told afterwards. */
  | { type: "experiment"; name: string }
  /** What the server runs from now on. `filtered`: it has a firewall. */
  | { type: "server"; files: readonly EditedFile[]; accounts: readonly string[]; filtered: boolean }
  /** Somebody asks for a forward; what becomes of it comes with the same `id`. */
  | { type: "asked"; id: number; from: string; account: string; ssh: string }
  | { type: "opened"; id: number; forward: ResultForward }
  /** A service of the lab itself, reached without any tunnel; `forward.ssh` is empty. */
  | { type: "served"; id: number; host: string; port: number; forward: ResultForward }
  | { type: "cells"; id: number; cells: readonly ResultCell[] }
  | { type: "closed"; id: number }
  | { type: "command"; host: string; argv: readonly string[]; code: number | null; stdout: string; stderr: string }
  /** A link is cut or mended, a setting of the kernel changed. */
  | { type: "change"; at: string; what: "cut" | "mended" | "set" | "written"; detail: string }
  /** `message`: what was observed instead. */
  | { type: "experiment-over"; name: string; held: boolean; message?: string }
  /** `held` undefined: nothing is proven either way. */
  | { type: "over"; held?: boolean; why: readonly string[] };

/** The run of a lesson as it is kept, for instance in an exported page. */
export interface RecordedRun {
  lesson: string;
  events: readonly RunEvent[];
}

/** A TCP listener in a lab in which a person works. */
export interface LiveListener {
  host: string;
  /** `address:port`, IPv6 in brackets. */
  socket: string;
  process: string;
}

/** A connection attempt that somebody made in it. */
export interface LiveAttempt {
  id: number;
  /** Hosts and routers by which its SYN came, in order: the first is the one that made it. */
  way: readonly string[];
  /** `address:port`, as whoever made it had them. */
  source: string;
  destination: string;
  outcome: "connected" | "refused" | "dropped" | "unreachable" | "unanswered";
  /** The host or router, the rule, and its place in the user's file. */
  decidedBy?: { at: string; rule: string; file?: string; line?: number };
}

/** Where somebody listens: on a TCP port, or on a Unix socket. */
export type Endpoint = { host: string; port: number } | { host: string; path: string };

/** `server:43234`, `server:/run/web.sock`. */
export function endpointText(endpoint: Endpoint): string {
  return `${endpoint.host}:${"path" in endpoint ? endpoint.path : endpoint.port}`;
}

/** Who is to reach a service, by which port or socket. It is checked by reach: how somebody gets there does not matter. */
export interface Goal {
  listener: Endpoint;
  service: Endpoint;
  /** Where a SOCKS proxy is to listen: what it is asked for to lead to the service, `host:port`. */
  target?: string;
  /** False: must be proven not to. */
  wanted: Readonly<Record<string, boolean>>;
}

export interface GoalCheck {
  vantage: string;
  wanted: boolean;
  observed: Verdict;
  ok: boolean;
  cells: readonly ResultCell[];
}

/** What a lab tells while a person works in it. */
export type LiveEvent =
  | { type: "lab"; topology: Result["topology"]; openssh: string; hosts: readonly string[] }
  /** What its server runs, and what is to be reached. */
  | { type: "begun"; lesson: string; files: readonly EditedFile[]; commands: readonly string[]; goal?: Goal }
  /** All of them, whenever they change. */
  | { type: "listeners"; listeners: readonly LiveListener[] }
  | { type: "attempt"; attempt: LiveAttempt }
  | { type: "checked"; checks: readonly GoalCheck[]; reached: boolean; hint?: Text }
  | { type: "ended"; why: Text };

/** What was observed of an exercise, with hints from it: each tells more than the one before. */
export interface Grade {
  exercise: string;
  result?: Result;
  hints: readonly Text[];
  /** Files that nothing can be observed of: what is wrong with them. */
  error?: ToldError;
}

/** From the page to `learn`, over its WebSocket: one JSON document per message. */
export type LearnRequest =
  | { do: "run"; lesson: string }
  | { do: "stop" }
  /** A lab to work in, with the server of the lesson's first experiment that has a goal (`experiment`: of another one, from 0). */
  | { do: "try"; lesson: string; experiment?: number }
  /** The server of the lab that one works in gets these files. */
  | { do: "use"; files: readonly EditedFile[] }
  | { do: "check" }
  | { do: "grade"; exercise: string; files: readonly EditedFile[]; commands: Readonly<Record<string, string>> };

/** The answers, and what happens meanwhile. */
export type LearnMessage =
  | { of: "catalogue"; catalogue: Catalogue }
  | { of: "run"; lesson: string; event: RunEvent }
  | { of: "live"; event: LiveEvent }
  | { of: "grade"; grade: Grade }
  /** A request that could not be carried out. */
  | { of: "error"; request: LearnRequest["do"] | null; error: ToldError };
