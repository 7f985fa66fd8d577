/** What a learner is to bring about, from a lesson's recorded run. */
import { describe, expect, test } from "vitest";
import { articleLab } from "../../../harness/core/lab-spec.ts";
import type { RunEvent } from "../../../harness/core/lesson.ts";
import type { ResultCell, ResultForward } from "../../../harness/core/result.ts";
import type { Verdict } from "../../../harness/core/verdict.ts";
import { topologyOf } from "../../../harness/judgement/topology.ts";
import { goalOf } from "../../../harness/learn/live/goal.ts";

const files = [{ name: "sshd_config", text: "GatewayPorts clientspecified\n" }];
const lab: RunEvent = { type: "lab", topology: topologyOf(articleLab()), openssh: "OpenSSH_10.0p2" };

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
  return Object.entries(seen).flatMap(([vantage, all]) => all.map((observed) => ({ vantage, observed }) as ResultCell));
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
      topology: lab.topology,
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

  test("none where nobody got in, nothing was granted, visitors name the target, or nothing is proven", () => {
    const goal = (opened: ResultForward, seen: Record<string, readonly Verdict[]>) =>
      goalOf([lab, ...experiment("x", 1, opened, seen)], 0).goal;
    expect(goal(colon, { internet: ["filtered"] })).toBeUndefined();
    expect(goal({ ...colon, granted: false, listeners: [] }, { campus: ["refused"] })).toBeUndefined();
    expect(
      goal(forward("-D 1080", { kind: "dynamic", listensOn: "home", listeners: ["127.0.0.1:1080"] }), { home: ["reached"] }),
    ).toBeUndefined();
    expect(goal(colon, { campus: ["reached"], internet: ["inconclusive"] })?.wanted).toEqual({ campus: true });
  });

  test("an experiment that is not there has nothing", () => {
    expect(goalOf(run, 2)).toMatchObject({ files: [], commands: [] });
  });
});
