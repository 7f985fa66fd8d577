/** The page of `forwardlab learn` in a browser, on runs that the lab recorded, and the same as exported pages. What it is told of a live lab is typed in here: `learn`'s own tests have a real one. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { describe, expect, onTestFinished } from "vitest";
import type { ToldError } from "../../../harness/core/errors.ts";
import type { LiveEvent, RunEvent } from "../../../harness/core/lesson.ts";
import { basicFaults } from "../../../harness/report/faults-ja.ts";
import { learnPage, lessonPage } from "../../../harness/web/report-page.ts";
import { everyFault } from "../../quick/report/fault-samples.ts";
import { failing, passing } from "../../quick/report/sample.ts";
import { englishOn, expectToLookRight, looks, type Opening, openFile, openPage, take, test } from "./browser.ts";
import { catalogue, exercise, type LearnServer, recorded, startLearnServer } from "./learn-server.ts";

let browser: Browser;
let template: string;

test.beforeAll(async ({ browser: started }) => {
  browser = started;
  [template] = await Promise.all([learnPage(), catalogue()]);
});

async function opened({ shows = ".path", ...options }: Opening & { shows?: string } = {}): Promise<{ page: Page; server: LearnServer }> {
  const server = await startLearnServer(template);
  onTestFinished(() => server[Symbol.asyncDispose]());
  const page = await openPage(browser, server.url, shows, { reducedMotion: "reduce", ...options });
  return { page, server };
}

/** Of a host in the picture; there is one for each form, of which one is seen. */
const guess = (page: Page, host: string) => page.locator(`.guess[data-host="${host}"]:visible`);
const next = (page: Page) => page.locator(".step-actions .primary");
const stepOn = (page: Page) => page.locator(".step-on");
const comparison = (page: Page) =>
  page
    .locator(".comparison tbody tr")
    .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll("th, td")].map((cell) => cell.textContent).join(" | ")));

async function toTheComparison(page: Page): Promise<void> {
  while ((await page.locator(".comparison").count()) === 0) await stepOn(page).click();
}

describe("a lesson", () => {
  test("a wrong prediction by mouse: what happens is told host by host, then why, then the counter-example with a prediction of its own", async () => {
    const { page, server } = await opened();
    await page.locator(".lesson-item", { hasText: "What does the colon" }).getByRole("link").click();
    expect(await page.locator("h1").innerText()).toContain("What does the colon");
    expect(await page.locator(".commands").innerText()).toContain("ssh -R :43234:localhost:3389 server");
    // Nobody waits for a lab until it is needed, and the claim is not told before.
    expect(server.requests).toEqual([]);
    expect(await page.locator("main").innerText()).not.toContain("opens the port to everyone");
    await next(page).click();
    await guess(page, "other-lan").click();
    await guess(page, "home").click();
    await next(page).click();
    expect(server.requests).toEqual([{ do: "run", lesson: "leading-colon" }]);
    await toTheComparison(page);
    expect(await page.locator(".score").innerText()).toBe("1 of 4 right");
    expect(await comparison(page)).toEqual([
      "server | stays out | got in | wrong",
      "campus | stays out | got in | wrong",
      "other-lan | gets in | got in | right",
      "internet | stays out | got in | wrong",
      "home | gets in | was not tried | not counted",
      "home-lan | stays out | was not tried | not counted",
    ]);
    await next(page).click();
    expect(await page.locator("h1").innerText()).toContain("opens the port to everyone");
    await next(page).click();
    await stepOn(page).click();
    await stepOn(page).click();
    await guess(page, "server").click();
    await page.getByRole("button", { name: "That is my prediction" }).click();
    await toTheComparison(page);
    expect(await page.locator(".score").innerText()).toBe("4 of 4 right");
    expect(await comparison(page)).toContain("server | gets in | got in, at some addresses only | right");
    await page.getByRole("link", { name: "All lessons" }).click();
    await page.locator(".lesson-item.done", { hasText: "opens the port to everyone" }).waitFor();
    await page.reload();
    expect(await page.locator(".lesson-item.done").count()).toBe(1);
    expect(server.requests).toHaveLength(1);
    await page.evaluate("location.hash = 'lesson=leading-colon&step=predict'");
    await guess(page, "other-lan").and(page.locator(".on")).waitFor();
    expect(await page.locator(".guess.on:visible").evaluateAll((all) => all.map((each) => each.dataset.host))).toEqual([
      "other-lan",
      "home",
    ]);
  });

  test("a right prediction by keyboard alone, in Japanese", async () => {
    const { page } = await opened({ hash: "#lesson=firewall-right&step=predict&lang=ja", shows: ".guess:visible" });
    await page.locator('.guess[data-host="other-lan"]:visible input').focus();
    await page.keyboard.press("Space");
    await page.locator('.guess[data-host="other-lan"].on:visible').waitFor();
    await page.getByRole("button", { name: "この予想で確かめる" }).focus();
    await page.keyboard.press("Enter");
    await stepOn(page).focus();
    while ((await page.locator(".comparison").count()) === 0) await page.keyboard.press("Enter");
    expect(await page.locator(".score").innerText()).toBe("3 件中 3 件正解");
    expect(await page.evaluate("document.activeElement.className")).toContain("step-on");
    // Why the stranger stayed out: the rule, with its place, from the log.
    const line = page.locator(".log-line", { hasText: "internet" });
    await line.focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator(".now .why .quote").innerText()).toMatch(/firewall:4\s*inet filter input policy drop/);
    await expect.poll(() => page.locator(".now").innerText()).toContain("ファイアウォール");
    expect(await page.locator(".sheet.wide .node.stop .name").textContent()).toBe("server");
  });

  test("packets move leg by leg; pausing holds them, a step ends the journey; without motion each leg is simply there", async () => {
    const { page } = await opened({ hash: "#lesson=leading-colon&step=run", shows: ".player", reducedMotion: "no-preference" });
    await page.getByRole("button", { name: "Pause" }).click();
    const skip = page.getByRole("button", { name: "Show me without" });
    while ((await skip.count()) === 0) await stepOn(page).click();
    await skip.click();
    await page.getByRole("button", { name: "Pause" }).click();
    await stepOn(page).click();
    const packet = page.locator(".sheet.wide .packet");
    await packet.waitFor();
    const states = () => page.evaluate('document.querySelector(".sheet.wide .packet")?.getAnimations().map((one) => one.playState)');
    await expect.poll(states).toEqual(["paused"]);
    await page.getByRole("button", { name: "Play" }).click();
    await expect.poll(states).toEqual(["running"]);
    // By and by it is inside of the tunnel.
    await page.locator(".sheet.wide .packet.ssh").waitFor();
    expect(await page.locator(".sheet.wide .leg.clear.passed").count()).toBe(1);
    await stepOn(page).click();
    await packet.waitFor({ state: "detached" });
    expect(await page.locator(".sheet.wide .leg.ssh.passed").count()).toBe(1);
    await page.emulateMedia({ reducedMotion: "reduce" });
    await stepOn(page).click();
    expect(await page.locator(".log-line[aria-current]").innerText()).toContain("campus");
    expect(await packet.count()).toBe(0);
    expect(await page.locator(".sheet.wide .leg.ssh.passed").count()).toBe(1);
  });

  test("where nobody probes, one thinks first; then commands stand with what they print", async () => {
    const { page } = await opened({ hash: "#lesson=sftp-needs-no-forward&step=predict", shows: ".thought-panel" });
    expect(await page.locator(".guess").count()).toBe(0);
    await page.locator("textarea").fill("sftp fails <b>");
    await next(page).click();
    expect(await page.locator(".thought").innerText()).toContain("sftp fails <b>");
    while (!(await stepOn(page).isDisabled())) await stepOn(page).click();
    await page.locator(".log-line", { hasText: "ssh -W localhost:21 server" }).click();
    await expect.poll(() => page.locator(".now").innerText()).toContain("administratively prohibited");
    expect(await page.locator(".now").innerText()).toContain("exit code 255");
  });

  test("what a run says is only ever text", async () => {
    const evil = "<img src=x onerror=alert(1)><script>alert(1)</script>";
    const { page, server } = await opened();
    const [lab] = recorded["leading-colon"].events as [RunEvent];
    const events: RunEvent[] = [
      lab,
      { type: "experiment", name: evil },
      { type: "server", files: [{ name: evil, text: `Banner ${evil}\n` }], accounts: [evil], filtered: false },
      { type: "command", host: evil, argv: [evil], code: 1, stdout: evil, stderr: evil },
      { type: "change", at: evil, what: "set", detail: evil },
      { type: "experiment-over", name: evil, held: false, message: evil },
      { type: "over", held: false, why: [evil] },
    ];
    server.answer = ({ do: what }, say) => {
      if (what === "run") for (const event of events) say({ of: "run", lesson: "cgnat", event });
    };
    await page.evaluate("location.hash = 'lesson=cgnat&step=run'");
    await page.locator(".player").waitFor();
    while (!(await stepOn(page).isDisabled())) await stepOn(page).click();
    expect(await page.locator(".now").innerText()).toContain(evil);
    await page.locator(".step-button").nth(3).click();
    await expect.poll(() => page.locator(".outcome").innerText()).toContain(evil);
    expect(await page.locator("main img, main script").count()).toBe(0);
  });

  test("the address leads to lesson and step, and Back leads back; a run that fails says so, and can be tried again", async () => {
    const { page, server } = await opened({ hash: "#lesson=firewall-right&step=why", shows: ".outcome" });
    expect(server.requests).toEqual([{ do: "run", lesson: "firewall-right" }]);
    await page.locator(".step-button").nth(0).click();
    await page.locator(".step-question").waitFor();
    await page.getByRole("button", { name: "日本語で表示" }).click();
    await page.locator("html[lang=ja] .step-question").waitFor();
    await page.goBack();
    await page.locator("html[lang=en] .step-why").waitFor();
    await page.evaluate("location.hash = 'lesson=no-colon&step=run'");
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("alert").innerText()).toContain("no such lesson: no-colon");
    await page.getByRole("button", { name: "Try again" }).click();
    await expect.poll(() => server.requests.length).toBe(3);
  });
});

test("another lesson ends the run of the one before, and waits until that is over", async () => {
  const { page, server } = await opened();
  server.answer = ({ do: what }, say) => {
    if (what === "stop") say({ of: "run", lesson: "cgnat", event: { type: "over", why: ["stopped"] } });
  };
  await page.evaluate("location.hash = 'lesson=cgnat&step=predict'");
  await page.locator(".waiting").waitFor();
  await page.evaluate("location.hash = 'lesson=firewall-right&step=predict'");
  await expect
    .poll(() => server.requests)
    .toEqual([{ do: "run", lesson: "cgnat" }, { do: "stop" }, { do: "run", lesson: "firewall-right" }]);
  expect(await page.getByRole("alert").count()).toBe(0);
});

const labOf = (lesson: string, goal = true): LiveEvent[] => {
  const [lab] = recorded["firewall-right"].events;
  if (lab?.type !== "lab") throw new Error("a run begins with its lab");
  return [
    { ...lab, hosts: Object.keys(lab.topology.hosts) },
    {
      type: "begun",
      lesson,
      files: [{ name: "sshd_config", text: "GatewayPorts no\n" }],
      commands: ["home$ ssh -fN -R :43234:localhost:3389 server"],
      ...(goal
        ? {
            goal: {
              listener: { host: "server", port: 43234 },
              service: { host: "home", port: 3389 },
              wanted: { "other-lan": true, internet: false },
            },
          }
        : {}),
    },
  ];
};

test("a lab of one's own: terminals, what happens on the picture, the goal, the files, and its end", async () => {
  const { page, server } = await opened({ hash: "#lesson=firewall-right&step=try", shows: ".step-try" });
  await next(page).click();
  await expect.poll(() => server.requests).toEqual([{ do: "try", lesson: "firewall-right" }]);
  for (const event of labOf("firewall-right")) server.live(event);
  // The command begins on home: so does the first terminal.
  await expect.poll(() => page.locator(".xterm-rows").innerText()).toContain("home$");
  await expect
    .poll(() => server.typed[0])
    .toMatchObject({ host: "home", binary: false, data: expect.stringMatching(/^\{"cols":\d+,"rows":\d+\}$/) });
  await page.getByRole("textbox", { name: "home", exact: true }).focus();
  await page.keyboard.type("ssh -V");
  await expect
    .poll(() =>
      server.typed
        .filter(({ binary }) => binary)
        .map(({ data }) => data)
        .join(""),
    )
    .toBe("ssh -V");
  await page.keyboard.press("Control+Shift+KeyQ");
  await expect.poll(() => page.evaluate("document.activeElement.getAttribute('role')")).toBe("tab");
  await page.getByLabel("New terminal on").selectOption("other-lan");
  await expect.poll(() => page.locator(".terminal-panel:not([hidden]) .xterm-rows").innerText()).toContain("other-lan$");
  server.live({ type: "listeners", listeners: [{ host: "server", socket: "127.0.0.1:43234", process: "sshd" }] });
  await page.locator(".sheet.wide .listener.loopback", { hasText: ":43234" }).waitFor();
  const attempt = { id: 7, way: ["internet", "core", "server"], source: "192.0.2.66:4000", destination: "server:43234" };
  server.live({
    type: "attempt",
    attempt: {
      ...attempt,
      outcome: "dropped",
      decidedBy: { at: "server", rule: "inet filter input policy drop", file: "nftables.conf", line: 11 },
    },
  });
  await expect
    .poll(() => page.locator(".attempt").innerText())
    .toMatch(/internet → server:43234\s+dropped\s+server: inet filter input policy drop nftables.conf:11/);
  expect(await page.locator(".sheet.wide .node.stop .name").textContent()).toBe("server");

  await page.getByRole("button", { name: "Check" }).click();
  await expect.poll(() => server.requests.at(-1)).toEqual({ do: "check" });
  const cells = [] as const;
  const checks = [
    { vantage: "other-lan", wanted: true, observed: "refused", ok: false, cells },
    { vantage: "internet", wanted: false, observed: "refused", ok: true, cells },
  ] as const;
  server.live({ type: "checked", reached: false, checks, hint: { en: "It listens on loopback only.", ja: "" } });
  await expect.poll(() => page.locator(".goal").innerText()).toContain("It listens on loopback only.");
  expect(await page.locator(".goal li").evaluateAll((items) => items.map((item) => item.getAttribute("data-ok")))).toEqual([
    "false",
    "true",
  ]);
  server.live({ type: "checked", reached: true, checks: checks.map((check) => ({ ...check, ok: true })) });
  await page.locator(".goal.reached").waitFor();

  await page.getByText("The server's files").click();
  const use = page.getByRole("button", { name: "Use these files" });
  expect(await use.isDisabled()).toBe(true);
  await page.getByRole("textbox", { name: "sshd_config" }).fill("GatewayPorts yes\n");
  await use.click();
  await expect.poll(() => server.requests.at(-1)).toEqual({ do: "use", files: [{ name: "sshd_config", text: "GatewayPorts yes\n" }] });
  server.say({ of: "error", request: "use", error: { message: "sshd_config, line 1: Bad configuration option" } });
  await expect.poll(() => page.getByRole("alert").innerText()).toContain("line 1: Bad configuration option");
  await expectToLookRight(page, "learn-lab");
  await server[Symbol.asyncDispose]();
  await expect.poll(() => page.locator(".ended").innerText()).toContain("forwardlab learn has ended");
  expect(await use.isDisabled()).toBe(true);
});

test("an exercise: edited, graded, hints one by one, each cell with its evidence, until it is solved", async () => {
  const { page, server } = await opened();
  await page.getByRole("link", { name: exercise.title.en }).click();
  await page.getByRole("textbox", { name: "sshd_config" }).fill("GatewayPort clientspecified\n");
  await page.getByRole("textbox", { name: "rdp" }).fill("-R 43234:localhost:3389");
  await page.reload();
  await page.getByRole("button", { name: "Grade" }).click();
  await expect
    .poll(() => server.requests)
    .toEqual([
      {
        do: "grade",
        exercise: exercise.name,
        files: [{ name: "sshd_config", text: "GatewayPort clientspecified\n" }, exercise.files[1]],
        commands: { rdp: "-R 43234:localhost:3389" },
      },
    ]);
  const graded = { exercise: exercise.name, hints: [] };
  server.say({
    of: "grade",
    grade: { ...graded, error: { message: "sshd refuses it", place: { file: "sshd_config", line: 1 }, todo: "mend it" } },
  });
  await expect.poll(() => page.getByRole("alert").innerText()).toContain("sshd_config:1: sshd refuses it");
  expect(await page.locator(".editor-numbers .faulty").innerText()).toBe("1");
  await page.getByRole("button", { name: "Grade" }).click();
  server.say({
    of: "grade",
    grade: {
      ...graded,
      result: failing,
      hints: [
        { en: "one", ja: "一" },
        { en: "two", ja: "二" },
      ],
    },
  });
  await expect.poll(() => page.locator(".grade").innerText()).toContain("Not solved yet");
  expect(await page.locator(".hints li").count()).toBe(0);
  await page.getByRole("button", { name: "2 left" }).click();
  expect(await page.locator(".hints li").allInnerTexts()).toEqual(["one"]);
  await page.locator('[data-cell^="rdp|internet"]').last().click();
  await expect.poll(() => page.locator(".drawer .leg-item").count()).toBe(3);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Undo all changes" }).click();
  expect(await page.getByRole("textbox", { name: "rdp" }).inputValue()).toBe(exercise.commands.rdp);
  await page.getByRole("button", { name: "Grade" }).click();
  server.say({ of: "grade", grade: { ...graded, result: passing } });
  await expect.poll(() => page.locator(".grade").innerText()).toContain("Solved");
  await page.getByRole("link", { name: "All lessons", exact: true }).click();
  await page.locator(".exercise-list .done").waitFor();
});

test("the library is searched; the search stands in the address", async () => {
  const { page } = await opened();
  await page.getByRole("searchbox").fill("sftp");
  await expect.poll(() => page.locator(".topic .lesson-item").count()).toBe(1);
  expect(new URL(page.url()).hash).toBe("#q=sftp");
  await page.getByRole("searchbox").fill("nothing has this");
  await expect.poll(() => page.locator("#library .found").innerText()).toBe("0 lessons");
});

test("as wide as the window, and accessible: every step, narrow and wide, light and dark, in both languages", async () => {
  const { page, server } = await opened();
  const views: readonly (readonly [state: string, hash: string, shows: string])[] = [
    ["start", "", ".path"],
    ["question", "lesson=firewall-right", ".step-question"],
    ["predict", "lesson=firewall-right&step=predict", ".guess:visible"],
    ["run", "lesson=firewall-right&step=run", ".now"],
    ["why", "lesson=firewall-right&step=why", ".outcome"],
    ["more", "lesson=firewall-right&step=more", ".now"],
    ["try", "lesson=firewall-right&step=try", ".terminals"],
    ["thought", "lesson=sftp-needs-no-forward&step=predict", ".thought-panel"],
    ["exercise", `exercise=${exercise.name}`, ".editor"],
  ];
  await page.evaluate("location.hash = 'lesson=firewall-right&step=try'");
  await next(page).click();
  for (const event of labOf("firewall-right")) server.live(event);
  for (const look of looks) {
    const lang = look.width < 500 ? "ja" : "en";
    await take(page, look);
    for (const [state, hash, shows] of views) {
      await page.evaluate(`location.hash = ${JSON.stringify(`${hash}&lang=${lang}`)}`);
      await page.locator(`html[lang=${lang}] ${shows}`).first().waitFor();
      await expectToLookRight(page, `learn-${state}`);
    }
  }
});

test("a terminal may be left before it is connected", async () => {
  const { page, server } = await opened();
  const connecting = Promise.withResolvers<void>();
  server.connecting = connecting.promise;
  await page.evaluate("location.hash = 'lesson=firewall-right&step=try'");
  await next(page).click();
  const asks = page.waitForEvent("websocket");
  for (const event of labOf("firewall-right")) server.live(event);
  const socket = await asks;
  await page.evaluate("location.hash = 'lesson=firewall-right&step=why'");
  await page.locator(".outcome").waitFor();
  connecting.resolve();
  // What the browser complains of fails every test.
  if (!socket.isClosed()) await socket.waitForEvent("close");
  expect(server.typed).toEqual([]);
});

test("in Japanese nothing is left in English: what goes wrong, and what an exercise is graded with", async () => {
  const { page, server } = await opened({ hash: `#exercise=${exercise.name}&lang=ja`, shows: ".editor" });
  const shown = async (error: ToldError, request: "grade" | null) => {
    if (request === null) server.say({ of: "grade", grade: { exercise: exercise.name, hints: [], error } });
    else server.say({ of: "error", request, error });
    await page.locator(".fault-box", { hasText: error.place?.file ?? "" }).waitFor();
    return englishOn(page);
  };
  const english = { message: "what went wrong here", found: "some other thing", expected: "a thing like this", todo: "do this and that" };
  const log = "as a program says it";
  // Policies, networks and units are the course's own: what is wrong with one is no learner's fault.
  const faults = everyFault.filter(({ code }) => Object.hasOwn(basicFaults, code));
  for (const [at, fault] of faults.entries()) {
    const { found: _, ...rest } = english;
    const error: ToldError = { ...rest, log, fault, place: { file: `f${at}` } };
    expect(await shown(error, at % 2 === 0 ? "grade" : null), fault.code).toEqual([]);
  }
  // The control: without a code it stays as it was written.
  expect(await shown({ ...english, place: { file: "last" } }, "grade")).toEqual(
    Object.values(english).map((text) => expect.stringContaining(text)),
  );
});

test("exported pages open from files, ask nobody, and have everything but the lab", async () => {
  const folder = await mkdtemp(join(tmpdir(), "forwardlab-lessons-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const told = await catalogue();
  await writeFile(join(folder, "index.html"), await lessonPage(told, undefined));
  await writeFile(join(folder, "leading-colon.html"), await lessonPage(told, recorded["leading-colon"]));
  const page = await openFile(browser, join(folder, "index.html"), ".path", { reducedMotion: "reduce" });
  expect(await page.locator("#exercises").count()).toBe(0);
  await page.getByRole("link", { name: "What does the colon" }).click();
  await page.locator(".step-question").waitFor();
  expect(await page.locator(".step-button").count()).toBe(5);
  await next(page).click();
  await guess(page, "server").click();
  await next(page).click();
  await toTheComparison(page);
  expect(await page.locator(".score").innerText()).toBe("1 of 4 right");
  await expectToLookRight(page, "exported-comparison");
  await page.locator(".step-button").nth(3).click();
  await page.getByRole("link", { name: "All lessons" }).click();
  await page.locator(".lesson-item.done").waitFor();
  const files = ["index.html", "leading-colon.html", "index.html"].map((name) => String(pathToFileURL(join(folder, name))));
  expect(page.requests).toEqual(files);
});
