/** What a learner is to bring about, from a lesson's recorded run. */
import { describe, expect, test } from "vitest";
import { articleLab } from "../../../harness/core/lab-spec.ts";
import type { RunEvent } from "../../../harness/core/lesson.ts";
import type { ResultCell, ResultForward } from "../../../harness/core/result.ts";
import type { Verdict } from "../../../harness/core/verdict.ts";
import { topologyOf } from "../../../harness/judgement/topology.ts";
import { experimentToTry, goalOf } from "../../../harness/learn/live/goal.ts";

const files = [{ name: "sshd_config", text: "GatewayPorts clientspecified\n" }];
const stated = { spec: articleLab(), openssh: "9.2" };
const lab: RunEvent = { type: "lab", topology: topologyOf(stated.spec), openssh: "OpenSSH_9.2p1", stated };

function forward(ssh: string, more: Partial<ResultForward>): ResultForward {
  return {
    ssh,
    from: "home",
    kind: "remote",
    granted: true,
    listensOn: "server",
    listeners: ["0.0.0.0:43234", "[::]:43234"],
    ...more,
  } as ResultForward;
}

function cells(seen: Record<string, readonly Verdict[]>): ResultCell[] {
  return Object.entries(seen).flatMap(([vantage, all]) => all.map((observed) => ({ vantage, observed, target: "" }) as ResultCell));
}

function experiment(name: string, id: number, opened: ResultForward, seen: Record<string, readonly Verdict[]>): RunEvent[] {
  return [
    { type: "experiment", name },
    { type: "server", files, accounts: ["alice"], filtered: false },
    { type: "asked", id, from: opened.from, account: "alice", ssh: opened.ssh },
    { type: "opened", id, forward: opened },
    { type: "cells", id, cells: cells(seen) },
    { type: "closed", id },
    { type: "experiment-over", name, held: true },
  ];
}

const colon = forward("-R :43234:localhost:3389", {});
const run: RunEvent[] = [
  lab,
  ...experiment("with", 1, colon, {
    "other-lan": ["reached", "reached"],
    internet: ["filtered", "filtered"],
    campus: ["reached", "refused"],
  }),
  ...experiment("without", 2, forward("-R 43234:localhost:3389", { listeners: ["127.0.0.1:43234"] }), {
    server: ["reached", "refused"],
    campus: ["refused"],
  }),
];

describe("the goal of an experiment", () => {
  test("who reached the service, and who was proven to be blocked", () => {
    expect(goalOf(run, 0)).toEqual({
      files,
      accounts: ["alice"],
      services: [],
      commands: ["home$ ssh -R :43234:localhost:3389 server"],
      lab: stated,
      goal: {
        listener: { host: "server", port: 43234 },
        service: { host: "home", port: 3389 },
        wanted: { "other-lan": true, internet: false, campus: true },
      },
    });
    expect(goalOf(run, 1).goal?.wanted).toEqual({ server: true, campus: false });
  });

  test("of -L: it listens where ssh runs, and leads to where sshd dials", () => {
    const local = forward("-L 8080:campus:80", { kind: "local", listensOn: "home", listeners: ["127.0.0.1:8080"] });
    const { goal } = goalOf([lab, ...experiment("local", 1, local, { home: ["reached"] })], 0);
    expect(goal).toEqual({ listener: { host: "home", port: 8080 }, service: { host: "campus", port: 80 }, wanted: { home: true } });
  });

  test("through a SOCKS proxy: what it was asked for when somebody got in, else a web server", () => {
    const proxy = forward("-D 1080", { kind: "dynamic", listensOn: "home", listeners: ["127.0.0.1:1080"] });
    const seen = [
      { vantage: "home", observed: "closed", target: "127.0.0.1:1080 → 192.0.2.66:80" },
      { vantage: "home", observed: "reached", target: "127.0.0.1:1080 → campus:8080" },
      { vantage: "home-lan", observed: "refused", target: "192.168.1.10:1080 → campus:8080" },
    ] as ResultCell[];
    const asked = [lab, ...experiment("proxy", 1, proxy, {})].map((event) => (event.type === "cells" ? { ...event, cells: seen } : event));
    expect(goalOf(asked, 0).goal).toEqual({
      listener: { host: "home", port: 1080 },
      service: { host: "campus", port: 8080 },
      target: "campus:8080",
      wanted: { home: true, "home-lan": false },
    });
    const remote = forward("-R 1080", { kind: "remote-dynamic", listeners: ["127.0.0.1:1080", "[::1]:1080"] });
    expect(goalOf([lab, ...experiment("proxy", 1, remote, { server: ["reached"] })], 0).goal).toEqual({
      listener: { host: "server", port: 1080 },
      service: { host: "home", port: 80 },
      target: "localhost:80",
      wanted: { server: true },
    });
  });

  test("of a Unix socket: root of its host opens it; a service may be one, too", () => {
    const socket = forward("-R /run/web.sock:localhost:80", { listeners: ["/run/web.sock"] });
    const seen = [
      { vantage: "server", as: "root", observed: "reached", target: "/run/web.sock as root" },
      { vantage: "server", as: "bob", observed: "refused", target: "/run/web.sock as bob" },
      { vantage: "campus", observed: "unreachable", target: "/run/web.sock" },
    ] as ResultCell[];
    const run = [lab, ...experiment("socket", 1, socket, {})].map((event) => (event.type === "cells" ? { ...event, cells: seen } : event));
    expect(goalOf(run, 0).goal).toEqual({
      listener: { host: "server", path: "/run/web.sock" },
      service: { host: "home", port: 80 },
      wanted: { server: true, campus: false },
    });
    const database = forward("-L 5432:/run/db.sock", { kind: "local", listensOn: "home", listeners: ["127.0.0.1:5432"] });
    expect(goalOf([lab, ...experiment("database", 1, database, { home: ["reached"] })], 0).goal).toMatchObject({
      listener: { host: "home", port: 5432 },
      service: { host: "server", path: "/run/db.sock" },
    });
  });

  test("each experiment has the lab that was told last before it", () => {
    const other = { spec: { ...articleLab(), names: { web: ["192.0.2.66"] } } };
    const both = [...run.slice(0, 8), { ...lab, stated: other }, ...run.slice(8)];
    expect([goalOf(both, 0).lab, goalOf(both, 1).lab]).toEqual([stated, other]);
  });

  test("none where nobody got in, nothing was granted, or nothing is proven", () => {
    const goal = (opened: ResultForward, seen: Record<string, readonly Verdict[]>) =>
      goalOf([lab, ...experiment("x", 1, opened, seen)], 0).goal;
    expect(goal(colon, { internet: ["filtered"] })).toBeUndefined();
    expect(goal({ ...colon, granted: false, listeners: [] }, { campus: ["refused"] })).toBeUndefined();
    expect(goal(colon, { campus: ["reached"], internet: ["inconclusive"] })?.wanted).toEqual({ campus: true });
  });

  test("a command that is typed again is told once", () => {
    const again = run.flatMap((event): RunEvent[] => (event.type === "asked" ? [event, event] : [event]));
    expect(goalOf(again, 0).commands).toEqual(goalOf(run, 0).commands);
    expect(goalOf(run, 0).commands).not.toEqual(goalOf(run, 1).commands);
  });

  test("a lesson is tried in the first experiment that has one, else in the first", () => {
    const denied = experiment(
      "denied",
      1,
      { ...forward("-R :43234:localhost:3389", { listeners: [] }), granted: false },
      { internet: ["refused"] },
    );
    expect(experimentToTry(run)).toBe(0);
    expect(experimentToTry([lab, ...denied, ...run])).toBe(1);
    expect(experimentToTry([lab, ...denied])).toBe(0);
    expect(experimentToTry([])).toBe(0);
  });

  test("an experiment that is not there has nothing", () => {
    expect(goalOf(run, 2)).toMatchObject({ files: [], commands: [] });
  });
});
