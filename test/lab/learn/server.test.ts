/** The server of the lessons, as a page and as a stranger see it. */
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect } from "vitest";
import WebSocket from "ws";
import type { RunEvent } from "../../../harness/core/lesson.ts";
import type { ResultCell } from "../../../harness/core/result.ts";
import { containersOf } from "../cli/containers-of.ts";
import { openPage, test } from "../web/browser.ts";
import { childrenOf, LearnClient, type LearnProcess, startLearn, TerminalClient } from "./learn-client.ts";

let learn: LearnProcess;

beforeAll(async () => {
  learn = await startLearn();
});

afterAll(async () => {
  await learn[Symbol.asyncDispose]();
});

describe("nobody gets in who has not the token, or comes by another name or from another page", () => {
  test("the page itself", async () => {
    const { status, headers, body } = await asked(learn.url);
    expect(status).toBe(200);
    expect(body).toContain("<title>forwardlab");
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
    });
    expect(headers["content-security-policy"]).toMatch(/^default-src 'none'.*; frame-ancestors 'none'$/);
  });

  test.each<{ name: string; path?: string; headers?: Record<string, string>; add?: string; status: number }>([
    { name: "a wrong token", path: `/${"0".repeat(32)}/`, status: 403 },
    { name: "no token", path: "/", status: 403 },
    { name: "the name of a stranger", headers: { Host: "evil.example" }, status: 421 },
    { name: "a page of a stranger", headers: { Origin: "http://evil.example" }, status: 403 },
    { name: "something else", add: "x", status: 404 },
  ])("$name: $status", async ({ path, headers = {}, add = "", status }) => {
    const url = new URL(`${path ?? learn.url.pathname}${add}`, learn.url);
    const page = await asked(url, headers);
    expect(page.status).toBe(status);
    expect(page.body.length).toBeLessThan(30);
    expect(page.body).not.toContain(learn.url.pathname.slice(1, -1));
    for (const socket of ["ws", "tty?host=home"]) {
      const origin = headers.Origin ?? learn.url.origin;
      expect(
        await upgraded(new URL(`${url.href}${socket}`), { origin, ...(headers.Host ? { headers: { Host: headers.Host } } : {}) }),
      ).toBe(status);
    }
  });

  test("a WebSocket that does not say where it comes from", async () => {
    expect(await upgraded(new URL(`${learn.url.href}ws`), {})).toBe(403);
  });

  test("no other address of this machine answers", async () => {
    await expect(asked(new URL(learn.url.href.replace("127.0.0.1", "127.0.0.2")))).rejects.toThrow("ECONNREFUSED");
  });
});

test("a lesson is told as it happens, its counter-example too", async () => {
  await using page = await LearnClient.open(learn.url);
  const { catalogue } = await page.next("catalogue");
  expect(catalogue.course[0]?.lessons).toContain("leading-colon");
  page.send({ do: "run", lesson: "leading-colon" });
  const events = await page.events();
  const told = (id: number) => ["asked", "opened", ...Array(4).fill("cells"), "closed"].map((type) => `${type} ${id}`);
  expect(events.map((event) => ("id" in event ? `${event.type} ${event.id}` : event.type))).toEqual([
    "lab",
    ...["experiment", "server", ...told(1), "experiment-over"],
    ...["experiment", "server", ...told(2), "experiment-over"],
    "over",
  ]);
  expect(seenIn(events, 1)).toEqual({ "other-lan": ["reached"], campus: ["reached"], internet: ["reached"], server: ["reached"] });
  expect(seenIn(events, 2)).toEqual({
    server: ["reached", "refused"],
    "other-lan": ["refused"],
    campus: ["refused"],
    internet: ["refused"],
  });
  expect(events.filter(({ type }) => type === "server")[0]).toEqual({
    type: "server",
    files: [{ name: "sshd_config", text: "GatewayPorts clientspecified\n" }],
    accounts: ["tunnel"],
    filtered: false,
  });
  const opened = events.flatMap((event) => (event.type === "opened" ? [event.forward] : []));
  expect(opened.map(({ ssh, listeners }) => [ssh, listeners])).toEqual([
    ["-R :43234:localhost:3389", ["0.0.0.0:43234", "[::]:43234"]],
    ["-R 43234:localhost:3389", ["127.0.0.1:43234", "[::1]:43234"]],
  ]);
  const refusal = cellsOf(events, 2).find(({ vantage }) => vantage === "internet")?.decidedBy;
  expect(refusal).toMatchObject({ layer: "bind-address", text: expect.stringContaining("listens only on") });
  expect(events.at(-1)).toEqual({ type: "over", held: true, why: [] });
});

test("one run at a time; it can be stopped, and what is not understood ends nothing", async () => {
  await using page = await LearnClient.open(learn.url);
  page.send({ do: "run", lesson: "gatewayports-no" });
  await page.events("lab");
  page.send({ do: "run", lesson: "leading-colon" });
  expect(await page.next("error")).toMatchObject({ request: "run", error: { message: expect.stringContaining("in use") } });
  page.send("{");
  expect(await page.next("error")).toMatchObject({ request: null });
  page.send({ do: "check" });
  expect(await page.next("error")).toMatchObject({ request: "check", error: { message: expect.stringContaining("no lab to work in") } });
  page.send({ do: "stop" });
  expect((await page.events()).at(-1)).toEqual({ type: "over", why: ["not all of it was run"] });
  page.send({ do: "run", lesson: "no such" });
  expect(await page.next("error")).toMatchObject({ request: "run", error: { message: expect.stringContaining("no such") } });
  page.send("x".repeat(1_048_577));
  expect(await page.closed()).toBe(1009);
});

test("an exercise is graded by verify, right and wrong", async () => {
  await using page = await LearnClient.open(learn.url);
  const { catalogue } = await page.next("catalogue");
  const exercise = catalogue.exercises.find(({ name }) => name === "rule-order");
  const [file] = exercise?.files ?? [];
  page.send({ do: "grade", exercise: "rule-order", files: [file], commands: {} });
  const { grade: wrong } = await page.next("grade");
  expect(wrong.result?.outcome).toBe("fail");
  expect(wrong.hints[0]?.en).toContain("internet reach it and must not");
  expect(wrong.hints[1]?.en).toContain("nftables.conf:11");
  expect(wrong.hints[0]?.ja).toContain("internet から到達できてしまいます");
  const order = /( {4}tcp dport \{ 22, 43234 \} accept\n)((?:.*\n)*.*drop\n)(?= {2}\})/;
  const text = file?.text.replace(order, "$2$1");
  page.send({ do: "grade", exercise: "rule-order", files: [{ name: "nftables.conf", text }], commands: {} });
  const { grade: right } = await page.next("grade");
  expect(right).toMatchObject({ result: { outcome: "pass" }, hints: [] });
  page.send({ do: "grade", exercise: "rule-order", files: [{ name: "nftables.conf", text: "table {" }], commands: {} });
  expect((await page.next("grade")).grade.error).toMatchObject({ place: { file: "nftables.conf", line: 1 } });
  page.send({ do: "grade", exercise: "rule-order", files: [{ name: "../policy.yaml", text: "" }], commands: {} });
  expect(await page.next("error")).toMatchObject({ request: "grade", error: { message: expect.stringContaining("nothing of that name") } });
});

test("the article's commands, typed into terminals of the lab, reach the goal", async () => {
  await using early = await TerminalClient.open(learn.url, "home");
  expect((await early.closed).reason).toContain("no lab to work in yet");
  await using page = await LearnClient.open(learn.url);
  // Run before, it need not run again.
  page.send({ do: "try", lesson: "leading-colon" });
  const begun = await page.live("begun");
  expect(begun).toMatchObject({ lesson: "leading-colon", files: [{ name: "sshd_config" }], goal: { wanted: { "other-lan": true } } });
  await using home = await TerminalClient.open(learn.url, "home");
  home.resize({ cols: 91, rows: 27 });
  await home.shows("home:");
  home.type("stty size\r");
  await home.shows("27 91");
  home.type("ssh -fN -R 43234:localhost:3389 server && echo is\\ open\r");
  await home.shows("is open");
  page.send({ do: "check" });
  expect(await page.live("checked")).toMatchObject({ reached: false, hint: { en: expect.any(String), ja: expect.any(String) } });
  home.type("pkill -f 43234; ssh -fN -R '*:43234:localhost:3389' server && echo is\\ open\\ wide\r");
  await home.shows("is open wide");
  await page.live("listeners", ({ listeners }) => listeners.some(({ socket }) => socket === "0.0.0.0:43234"));
  page.send({ do: "check" });
  expect(await page.live("checked")).toMatchObject({ reached: true });
  await using internet = await TerminalClient.open(learn.url, "internet");
  internet.type("curl -s server:43234\r");
  const { attempt } = await page.live("attempt", (event) => event.attempt.way[0] === "internet");
  expect(attempt).toMatchObject({ way: ["internet", "core", "server"], outcome: "connected" });
  // Whoever comes later sees what stands.
  await using second = await LearnClient.open(learn.url);
  expect(await second.live("begun")).toEqual(begun);
  internet.type("exit\r");
  expect(await internet.closed).toMatchObject({ code: 1000 });
});

test("a learner in a browser: wrong, then right; then types what the lesson says, sees who listens, and reaches the goal", async ({
  browser,
}) => {
  const stranger = await browser.newContext();
  const shut = await (await stranger.newPage()).goto(new URL(`/${"0".repeat(32)}/`, learn.url).href);
  expect([shut?.status(), await shut?.text()]).toEqual([403, "Forbidden\n"]);
  await stranger.close();

  const page = await openPage(browser, learn.url.href, ".guess:visible", {
    hash: "#lesson=firewall-right&step=predict",
    reducedMotion: "reduce",
    patienceMs: 60_000,
  });
  const choose = (host: string) => page.locator(`.guess[data-host="${host}"]:visible`).click();
  /** A step waits until there is one. */
  const score = async () => {
    while ((await page.locator(".comparison").count()) === 0) await page.locator(".step-on").click();
    return page.locator(".score").innerText();
  };
  await choose("internet");
  await page.getByRole("button", { name: "That is my prediction" }).click();
  expect(await score()).toBe("1 of 3 right");
  await page.getByRole("button", { name: "Counter-example" }).click();
  while ((await page.locator(".guess:visible").count()) === 0) await page.locator(".step-on").click();
  await choose("internet");
  await page.getByRole("button", { name: "That is my prediction" }).click();
  expect(await score()).toBe("1 of 1 right");

  await page.locator(".step-actions .primary").click();
  await page.getByRole("button", { name: /my lab/ }).click();
  await expect.poll(() => page.locator(".xterm-rows").innerText()).toContain("home:");
  // Until something is typed there, nobody gets in.
  await page.getByRole("button", { name: "Check" }).click();
  await page.locator(".goal-hint").waitFor();
  await page.getByRole("textbox", { name: "home", exact: true }).focus();
  await page.keyboard.type("ssh -fN -R :43234:localhost:3389 server\n");
  await page.locator(".sheet.wide .listener:not(.loopback)", { hasText: ":43234" }).waitFor();
  await page.getByRole("button", { name: "Check" }).click();
  await page.locator(".goal.reached").waitFor();
});

test("its terminal is closed in the middle of a run: nothing is left", async () => {
  await using page = await LearnClient.open(learn.url);
  page.send({ do: "run", lesson: "leading-colon" });
  await page.events("opened");
  const pid = learn.child.pid as number;
  // Labs of runs belong to Vitest's workers; the one to work in, to the server itself.
  const started = [pid, ...childrenOf(pid)];
  expect((await Promise.all(started.map(containersOf))).flat()).not.toEqual([]);
  learn.child.kill("SIGHUP");
  expect((await learn.ended).code).toBe(129);
  await expect.poll(async () => (await Promise.all(started.map(containersOf))).flat(), { timeout: 60_000 }).toEqual([]);
});

function cellsOf(events: readonly RunEvent[], id: number): ResultCell[] {
  return events.flatMap((event) => (event.type === "cells" && event.id === id ? event.cells : []));
}

function seenIn(events: readonly RunEvent[], id: number): Record<string, string[]> {
  const groups = Map.groupBy(cellsOf(events, id), ({ vantage }) => vantage);
  return Object.fromEntries([...groups].map(([host, cells]) => [host, [...new Set(cells.map(({ observed }) => observed))]]));
}

async function asked(url: URL, headers: Record<string, string> = {}) {
  const request = get({ hostname: url.hostname, port: url.port, path: url.pathname, headers });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

/** The status that a WebSocket is refused with. */
async function upgraded(url: URL, options: WebSocket.ClientOptions): Promise<number | undefined> {
  const socket = new WebSocket(url.href.replace(/^http/, "ws"), options);
  socket.on("error", () => undefined);
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
  response.destroy();
  return response.statusCode;
}
