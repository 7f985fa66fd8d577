/** The lessons' page without a browser: a run as frames, predictions, what has been done, what the page knows. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Catalogue, LearnMessage, Lesson, LiveAttempt, RecordedRun, RunEvent } from "../../../harness/core/lesson.ts";
import type { ResultCell } from "../../../harness/core/result.ts";
import { legOfAttempt, portsByHost } from "../../../harness/web/learn/live-picture.ts";
import { Notebook } from "../../../harness/web/learn/notebook.ts";
import { firstCellsOf, linesThatMatter, reelOf, sceneAt } from "../../../harness/web/learn/player.ts";
import { candidates, compared, gotOf, score } from "../../../harness/web/learn/prediction.ts";
import {
  found,
  keepProgress,
  lessonAfter,
  nextToDo,
  nothingDone,
  numberOf,
  readProgress,
  withDone,
} from "../../../harness/web/learn/progress.ts";
import { answers, emptyRoom, type Room, received, requested } from "../../../harness/web/learn/room.ts";
import { english } from "../../../harness/web/learn/words-en.ts";
import { japanese } from "../../../harness/web/learn/words-ja.ts";
import { networkOf } from "../../../harness/web/parts/network.ts";

/** As the lab recorded it. */
const runOf = (name: string): RecordedRun =>
  JSON.parse(readFileSync(join(import.meta.dirname, "../../lab/web/recorded", `${name}.json`), "utf8"));
const colon = runOf("leading-colon");
const firewall = runOf("firewall-right");
const files = runOf("sftp-needs-no-forward");

const typesOf = (events: readonly RunEvent[], experiment: number) =>
  reelOf(events)
    .frames.filter((frame) => frame.experiment === experiment)
    .map(({ shown }) => shown.type);

describe("a run as frames", () => {
  test("the question who gets in comes before the answer, which ends with the comparison", () => {
    expect(typesOf(colon.events, 0)).toEqual([
      "server",
      "asked",
      "predict",
      "opened",
      ...["probe", "probe", "probe", "probe"],
      "compared",
      "closed",
      "experiment-over",
    ]);
    expect(reelOf(colon.events)).toMatchObject({ experiments: 2, firstIsOver: true, over: { held: true } });
  });

  test("where nobody probes, nothing is asked", () => {
    expect(typesOf(files.events, 0)).not.toContain("predict");
    expect(typesOf(files.events, 0).filter((type) => type === "command")).toHaveLength(2);
  });

  test("while it runs, what was shown stays where it is, and no answer shows before its question", () => {
    let before = reelOf([]).frames;
    for (let count = 0; count <= colon.events.length; count++) {
      const { frames } = reelOf(colon.events.slice(0, count));
      expect(frames.slice(0, before.length)).toEqual(before);
      const asks = frames.findIndex(({ shown }) => shown.type === "predict");
      const answers = frames.findIndex(({ shown }) => shown.type === "probe");
      if (answers !== -1) expect(asks).toBeLessThan(answers);
      before = frames;
    }
    expect(before).toEqual(reelOf(colon.events).frames);
  });

  test("a run that was cut off shows what there is", () => {
    const cut = colon.events.slice(0, 7);
    expect(typesOf(cut, 0).at(-1)).toBe("predict");
    expect(typesOf([...cut, { type: "over", why: ["stopped"] }], 0)).toContain("compared");
  });

  test("what says the same again right away is told once", () => {
    const tries = reelOf(firewall.events).frames.filter(({ shown }) => shown.type === "probe" && shown.cells[0].vantage === "internet");
    expect(tries.map(({ experiment }) => experiment)).toEqual([0, 1]);
  });

  test("the scene: the listener appears when ssh is let, and goes when it ends", () => {
    const { frames } = reelOf(colon.events);
    const openAt = (type: string) =>
      [
        ...sceneAt(
          frames,
          frames.findIndex(({ shown }) => shown.type === type),
        ).open.values(),
      ].map(({ listeners }) => listeners);
    expect(openAt("asked")).toEqual([]);
    expect(openAt("probe")).toEqual([["0.0.0.0:43234", "[::]:43234"]]);
    expect(openAt("closed")).toEqual([]);
  });

  test("lines that matter are those that decided", () => {
    const { frames } = reelOf(firewall.events);
    expect([...linesThatMatter(frames, 0)].sort()).toEqual(["firewall:10", "firewall:4", "firewall:9", "sshd_config:1"]);
    expect([...linesThatMatter(frames, 1)]).toEqual(["sshd_config:1"]);
  });
});

describe("a prediction", () => {
  const { frames } = reelOf(colon.events);
  const rows = (id: number, guess: readonly string[]) => {
    const cells = firstCellsOf(frames, id);
    return compared(candidates(frames[0]?.topology ?? { lans: {}, routers: {}, hosts: {} }, cells), guess, cells);
  };

  test("is compared host by host; who did not try is not counted", () => {
    const all = rows(1, ["other-lan", "campus", "home"]);
    expect(all.map(({ host, got, right }) => `${host} ${got} ${right}`)).toEqual([
      "server in false",
      "campus in true",
      "other-lan in true",
      "internet in false",
      "home untried undefined",
      "home-lan untried undefined",
    ]);
    expect(score(all)).toEqual({ right: 2, of: 4 });
  });

  test("getting in at some addresses is getting in", () => {
    expect(rows(2, ["server"]).find(({ host }) => host === "server")).toMatchObject({ got: "some", right: true });
    expect(score(rows(2, ["server"]))).toEqual({ right: 4, of: 4 });
    expect(score(rows(2, []))).toEqual({ right: 3, of: 4 });
  });

  test("without proof nobody is right or wrong", () => {
    const [cell] = firstCellsOf(frames, 1) as [ResultCell];
    expect(gotOf([{ ...cell, observed: "inconclusive" }])).toBe("unproven");
    expect(compared([cell.vantage], [], [{ ...cell, observed: "inconclusive" }])[0]?.right).toBeUndefined();
  });
});

describe("the notebook", () => {
  const given = {
    name: "e",
    title: { en: "", ja: "" },
    task: { en: "", ja: "" },
    hint: { en: "", ja: "" },
    files: [
      { name: "sshd_config", text: "GatewayPorts no\n" },
      { name: "firewall", text: "" },
    ],
    commands: { rdp: "-R 1:localhost:2" },
  };
  const storeOf = (kept: Map<string, string>) => () => ({
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  });

  test("what was written is there for the next page, each by its lesson", () => {
    const kept = new Map<string, string>();
    const before = new Notebook(storeOf(kept));
    before.guess("colon", 1, ["home", "internet"]);
    before.guess("colon", 2, []);
    before.think("sftp", "it fails");
    before.keepDraft(given, { files: given.files.with(1, { name: "firewall", text: "table" }), commands: { rdp: "-R :1:localhost:2" } });
    const after = new Notebook(storeOf(kept));
    expect([after.guessOf("colon", 1), after.guessOf("colon", 2), after.guessOf("colon", 3), after.guessOf("other", 1)]).toEqual([
      ["home", "internet"],
      [],
      undefined,
      undefined,
    ]);
    expect([after.thoughtOf("sftp"), after.thoughtOf("colon")]).toEqual(["it fails", ""]);
    expect(after.draftOf(given)).toEqual({
      files: [given.files[0], { name: "firewall", text: "table" }],
      commands: { rdp: "-R :1:localhost:2" },
    });
    // Since then the exercise has changed: what it no longer has is left out, what is new is as given.
    expect(after.draftOf({ ...given, files: [{ name: "nftables.conf", text: "x" }], commands: {} })).toEqual({
      files: [{ name: "nftables.conf", text: "x" }],
      commands: {},
    });
  });

  test("of what is as given nothing is kept", () => {
    const kept = new Map<string, string>();
    const notebook = new Notebook(storeOf(kept));
    notebook.keepDraft(given, { files: given.files, commands: { rdp: "-R x" } });
    notebook.think("sftp", "x");
    expect(kept.size).toBe(2);
    notebook.keepDraft(given, given);
    notebook.think("sftp", "");
    expect(kept.size).toBe(0);
    expect(notebook.draftOf(given).commands).toEqual(given.commands);
  });

  test("whatever else stands there is nothing; where nothing may be kept, it lasts as long as the page", () => {
    for (const text of ["{", "1", "null", '{"files":{"firewall":1},"commands":[]}', "[1]"]) {
      const strange = new Notebook(storeOf(new Map(["guess.a.1", "thought.a", "draft.e"].map((key) => [`forwardlab.learn.${key}`, text]))));
      expect(strange.guessOf("a", 1)).toBeUndefined();
      expect(strange.thoughtOf("a")).toBe("");
      expect(strange.draftOf(given)).toEqual({ files: given.files, commands: given.commands });
    }
    const denied = new Notebook(() => {
      throw new Error("denied");
    });
    denied.guess("a", 1, ["home"]);
    expect(denied.guessOf("a", 1)).toEqual(["home"]);
  });
});

describe("progress", () => {
  const lesson = (name: string): Lesson => {
    const text = { en: `${name} en`, ja: `${name} ja` };
    return { name, topic: "remote", title: text, question: text, predict: text, commands: [], seen: text, why: text };
  };
  const catalogue: Catalogue = {
    lessons: ["a", "b", "c"].map(lesson),
    course: [{ title: { en: "", ja: "" }, lessons: ["b", "a"] }],
    library: [{ title: { en: "", ja: "" }, lessons: ["c"] }],
    exercises: [],
  };
  const storeWith = (text: string | null) => {
    const kept = new Map(text === null ? [] : [["forwardlab.learn", text]]);
    return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
  };

  test("is read as it was kept; whatever else stands there counts for nothing", () => {
    const store = storeWith(null);
    const done = withDone(withDone(nothingDone, "lessons", "b"), "lessons", "b");
    keepProgress(() => store, done);
    expect(readProgress(() => store)).toEqual({ lessons: ["b"], exercises: [] });
    for (const text of [null, "", "[", "null", '{"lessons":7}', '{"lessons":[{}]}'])
      expect(readProgress(() => storeWith(text))).toEqual(nothingDone);
    const denied = () => {
      throw new Error("denied");
    };
    expect(readProgress(denied)).toEqual(nothingDone);
    keepProgress(denied, done);
  });

  test("the course has an order", () => {
    expect(nextToDo(catalogue, nothingDone)).toBe("b");
    expect(nextToDo(catalogue, { lessons: ["b"], exercises: [] })).toBe("a");
    expect(nextToDo(catalogue, { lessons: ["b", "a"], exercises: [] })).toBeUndefined();
    expect(lessonAfter(catalogue, "a")?.name).toBe("c");
    expect(lessonAfter(catalogue, "c")).toBeUndefined();
    expect(numberOf(catalogue, "a")).toBe("1.2");
    expect(numberOf(catalogue, "c")).toBeUndefined();
    expect(found(catalogue.lessons, "B JA").map(({ name }) => name)).toEqual(["b"]);
  });
});

describe("what the page knows", () => {
  const roomAfter = (room: Room, ...messages: LearnMessage[]) => messages.reduce(received, room);

  test("a run of another lesson is not this one's, and an error ends it", () => {
    const room = requested(emptyRoom, { do: "run", lesson: "a" });
    const event: RunEvent = { type: "experiment", name: "x" };
    expect(roomAfter(room, { of: "run", lesson: "b", event }).run?.events).toEqual([]);
    const failed = roomAfter(room, { of: "run", lesson: "a", event }, { of: "error", request: "run", error: { message: "no" } });
    expect(failed.run).toEqual({ lesson: "a", events: [event], going: false });
    expect(failed.faults.run).toEqual({ message: "no" });
    expect(requested(failed, { do: "run", lesson: "a" }).faults.run).toBeUndefined();
  });

  test("what is the last word on a request", () => {
    const over: LearnMessage = { of: "run", lesson: "a", event: { type: "over", why: [] } };
    expect(answers("run", over)).toBe(true);
    expect(answers("try", over)).toBe(false);
    expect(answers("run", { of: "run", lesson: "a", event: { type: "experiment", name: "x" } })).toBe(false);
    expect(answers("try", { of: "live", event: { type: "begun", lesson: "a", files: [], commands: [] } })).toBe(true);
    expect(answers("try", { of: "live", event: { type: "listeners", listeners: [] } })).toBe(false);
    expect(answers("check", { of: "error", request: "check", error: { message: "no" } })).toBe(true);
    expect(answers("check", { of: "error", request: "use", error: { message: "no" } })).toBe(false);
  });

  test("an attempt whose outcome is known later stands where it stood; a new lesson starts afresh", () => {
    const attempt: LiveAttempt = { id: 1, way: ["home", "server"], source: "s", destination: "d:1", outcome: "unanswered" };
    const live = (event: Extract<LearnMessage, { of: "live" }>["event"]): LearnMessage => ({ of: "live", event });
    const begun = (lesson: string) => live({ type: "begun", lesson, files: [], commands: [] });
    const room = roomAfter(
      requested(emptyRoom, { do: "try", lesson: "a" }),
      begun("a"),
      live({ type: "attempt", attempt }),
      live({ type: "attempt", attempt: { ...attempt, id: 2 } }),
      live({ type: "attempt", attempt: { ...attempt, outcome: "dropped" } }),
    );
    expect(room.live?.attempts.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual(["1 dropped", "2 unanswered"]);
    expect(roomAfter(room, begun("a")).live?.attempts).toHaveLength(2);
    expect(roomAfter(room, begun("b")).live?.attempts).toHaveLength(0);
  });

  test("the way of an attempt leads over the LANs between its hops, and stops where the rule is", () => {
    const topology = reelOf(firewall.events).frames[0]?.topology ?? { lans: {}, routers: {}, hosts: {} };
    const network = networkOf(topology);
    const attempt: LiveAttempt = {
      id: 1,
      way: ["internet", "core", "server"],
      source: "s",
      destination: "server:43234",
      outcome: "dropped",
    };
    expect(legOfAttempt(network, { ...attempt, decidedBy: { at: "server", rule: "drop" } })).toMatchObject({
      way: ["host:internet", "router:core", "lan:server-lan", "host:server"],
      state: "stopped",
      stoppedAt: "host:server",
      encrypted: false,
    });
    expect(legOfAttempt(network, { ...attempt, outcome: "connected", destination: "server:22" })).toMatchObject({
      state: "passed",
      encrypted: true,
    });
  });

  test("a port on loopback only is told apart", () => {
    const on = (socket: string) => ({ host: "server", socket, process: "sshd" });
    expect(portsByHost([on("0.0.0.0:22"), on("127.0.0.1:43234"), on("[::1]:43234")]).get("server")).toEqual({
      ports: ["43234"],
      binding: "loopback",
    });
    expect(portsByHost([on("0.0.0.0:43234")]).get("server")?.binding).toBe("some");
    expect(portsByHost([on("0.0.0.0:43234"), on("[::]:43234")]).get("server")?.binding).toBe("everywhere");
  });
});

test("the page's words have the same shape in both languages", () => {
  const shape = (value: unknown): unknown =>
    typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shape(each)]))
      : typeof value;
  expect(shape(japanese)).toEqual(shape(english));
});
