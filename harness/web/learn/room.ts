/** What the page knows: the catalogue, the run, the lab that one works in, the grade, and what went wrong. */
import type { ToldError } from "../../core/errors.ts";
import type {
  Catalogue,
  EditedFile,
  Goal,
  GoalCheck,
  Grade,
  LearnMessage,
  LearnRequest,
  LiveAttempt,
  LiveEvent,
  LiveListener,
  RunEvent,
  Text,
} from "../../core/lesson.ts";
import type { Topology } from "../parts/network.ts";

export interface Run {
  lesson: string;
  events: readonly RunEvent[];
  /** Still being run. */
  going: boolean;
}

/** The lab that one works in. */
export interface Live {
  lesson: string;
  topology?: Topology;
  hosts: readonly string[];
  /** Begun: its server runs `files`. */
  ready: boolean;
  files: readonly EditedFile[];
  commands: readonly string[];
  goal?: Goal;
  listeners: readonly LiveListener[];
  /** The latest last. */
  attempts: readonly LiveAttempt[];
  checking: boolean;
  checks?: { checks: readonly GoalCheck[]; reached: boolean; hint?: Text };
  ended?: Text;
}

type Doing = LearnRequest["do"];

export interface Room {
  catalogue?: Catalogue;
  run?: Run;
  live?: Live;
  grade?: Grade;
  /** The exercise that is being graded. */
  grading?: string;
  /** By request; `null`: of a message that was none. */
  faults: Readonly<Partial<Record<Doing | "null", ToldError>>>;
  /** The connection is lost. */
  ended: boolean;
}

export const emptyRoom: Room = { faults: {}, ended: false };

/** Attempts that are kept: more than a person looks back at. */
const mostAttempts = 60;

/** What a request changes before it is answered. */
export function requested(room: Room, request: LearnRequest): Room {
  const before = { ...room, faults: { ...room.faults, [request.do]: undefined } };
  switch (request.do) {
    case "run":
      return { ...before, run: { lesson: request.lesson, events: [], going: true } };
    case "try":
      return { ...before, live: { ...emptyLive, lesson: request.lesson, ...known(room.live) } };
    case "check":
      return { ...before, ...(room.live ? { live: { ...room.live, checking: true } } : {}) };
    case "grade":
      return { ...before, grading: request.exercise };
    default:
      return before;
  }
}

const emptyLive: Omit<Live, "lesson"> = { hosts: [], ready: false, files: [], commands: [], listeners: [], attempts: [], checking: false };

/** The lab stays the same from lesson to lesson, and is told once. */
function known(live: Live | undefined): Partial<Live> {
  return live?.topology && !live.ended ? { topology: live.topology, hosts: live.hosts } : {};
}

export function received(room: Room, message: LearnMessage): Room {
  switch (message.of) {
    case "catalogue":
      return { ...room, catalogue: message.catalogue };
    case "run":
      return message.lesson === room.run?.lesson ? { ...room, run: afterRun(room.run, message.event) } : room;
    case "live":
      return { ...room, live: afterLive(room.live ?? { ...emptyLive, lesson: "" }, message.event) };
    case "grade": {
      const { grading: _, ...rest } = room;
      return { ...rest, grade: message.grade };
    }
    case "error":
      return afterError(room, message);
  }
}

/** Is this the last word on a request? */
export function answers(request: Doing, message: LearnMessage): boolean {
  if (message.of === "error") return message.request === request || message.request === null;
  if (message.of === "grade") return request === "grade";
  if (message.of === "run") return request === "run" && message.event.type === "over";
  if (message.of !== "live") return false;
  const { type } = message.event;
  return type === "ended" || (type === "checked" ? request === "check" : type === "begun" && (request === "try" || request === "use"));
}

function afterRun(run: Run, event: RunEvent): Run {
  return { ...run, events: [...run.events, event], going: event.type !== "over" };
}

function afterError(room: Room, { request, error }: Extract<LearnMessage, { of: "error" }>): Room {
  const { grading, ...rest } = room;
  return {
    ...rest,
    ...(grading === undefined || request === "grade" ? {} : { grading }),
    ...(request === "run" && room.run ? { run: { ...room.run, going: false } } : {}),
    ...(request === "check" && room.live ? { live: { ...room.live, checking: false } } : {}),
    faults: { ...room.faults, [request ?? "null"]: error },
  };
}

function afterLive(live: Live, event: LiveEvent): Live {
  switch (event.type) {
    case "lab":
      return { ...live, topology: event.topology, hosts: event.hosts };
    case "begun": {
      const { checks: _, goal: __, ended: ___, ...rest } = live;
      const { lesson, files, commands, goal } = event;
      const same = lesson === live.lesson && live.ready;
      return {
        ...rest,
        lesson,
        files,
        commands,
        ready: true,
        checking: false,
        attempts: same ? live.attempts : [],
        ...(goal ? { goal } : {}),
      };
    }
    case "listeners":
      return { ...live, listeners: event.listeners };
    case "attempt":
      return { ...live, attempts: withAttempt(live.attempts, event.attempt) };
    case "checked": {
      const { checks, reached, hint } = event;
      return { ...live, checking: false, checks: { checks, reached, ...(hint ? { hint } : {}) } };
    }
    case "ended":
      return { ...live, ended: event.why, ready: false, checking: false };
  }
}

/** What became of it may be told later, under the same number. */
function withAttempt(attempts: readonly LiveAttempt[], attempt: LiveAttempt): LiveAttempt[] {
  const at = attempts.findIndex(({ id }) => id === attempt.id);
  return at === -1 ? [...attempts, attempt].slice(-mostAttempts) : attempts.with(at, attempt);
}
