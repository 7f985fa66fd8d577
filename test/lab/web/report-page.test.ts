/** The html report in a browser: opened from a file, by mouse and keyboard, in both languages, wide and narrow, light and dark, on paper. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, describe, expect } from "vitest";
import type { FleetServer, ServerError } from "../../../harness/core/fleet.ts";
import type { Result } from "../../../harness/core/result.ts";
import type { Review } from "../../../harness/core/review.ts";
import { compareResults } from "../../../harness/judgement/diff/compare.ts";
import { compareReviews } from "../../../harness/judgement/review/compare-reviews.ts";
import { toldAdaptations } from "../../../harness/report/adaptations.ts";
import { serverFaults } from "../../../harness/report/faults-ja-server.ts";
import { renderHtml, type Shown } from "../../../harness/report/html.ts";
import { sentenceFor, tables } from "../../../harness/report/sentences.ts";
import { toldWarnings } from "../../../harness/report/warnings.ts";
import { reportPage } from "../../../harness/web/report-page.ts";
import { cli } from "../../quick/cli/run-cli.ts";
import { everyFault } from "../../quick/report/fault-samples.ts";
import { fleetWith, hostileFleet, mixed } from "../../quick/report/fleet-sample.ts";
import { everyAdaptation, labFacts } from "../../quick/report/lab-samples.ts";
import { closed, exposing, hostileReview, tried, unsure } from "../../quick/report/review-sample.ts";
import { rich } from "../../quick/report/rich-sample.ts";
import { failing, passing, withHostileTexts } from "../../quick/report/sample.ts";
import { everyWarning } from "../../quick/report/warning-samples.ts";
import { englishOn, expectToLookRight, inLanguage, looks, type Opening, openFile, take, test } from "./browser.ts";
import { largeResult } from "./large-result.ts";

let browser: Browser;
let folder: string;
let template: string;
/** A real run, by the command. */
let real: Result;

test.beforeAll(async ({ browser: started }) => {
  browser = started;
  folder = await mkdtemp(join(tmpdir(), "forwardlab-page-"));
  const [page, verified] = await Promise.all([
    reportPage(),
    cli([
      "verify",
      "examples/bastion/policy.wrong.yaml",
      "--quiet",
      "--no-remedies",
      "--report",
      `html=${join(folder, "real.html")}`,
      "--report",
      `json=${join(folder, "real.json")}`,
    ]),
  ]);
  template = page;
  expect(verified.code, verified.stderr).toBe(1);
  real = JSON.parse(await readFile(join(folder, "real.json"), "utf8")) as Result;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** One of the folder's. */
const opened = (file: string, options: Opening = {}) => openFile(browser, join(folder, file), "main h1", { patienceMs: 8000, ...options });

async function written(name: string, document: Shown, language?: "en" | "ja"): Promise<string> {
  await writeFile(join(folder, name), renderHtml(document, { page: template, ...(language ? { language } : {}) }));
  return name;
}

const comparison = () =>
  compareResults({
    before: passing,
    after: failing,
    names: { before: "main", after: "HEAD" },
    tool: { name: "forwardlab", version: "0.1.0" },
  });

/** A review after `--what-if`. */
const [first] = exposing.coverage;
const whatIf: Review = {
  ...exposing,
  coverage: exposing.coverage.map((each) => ({ ...each, state: "decided" as const })),
  sensitivity: {
    mutations: (["opens", "backed-up", "none", "closes"] as const).map((effect, at) => ({
      change: "removed",
      file: exposing.coverage[at]?.file ?? "",
      line: exposing.coverage[at]?.line ?? 1,
      rule: exposing.coverage[at]?.rule ?? "",
      instead: "",
      effect,
      audience: effect === "opens" ? "internet" : null,
      opens: [],
      closes: 0,
      noticed: null,
    })),
    score: null,
    notTried: [],
    proposals: [],
  },
};

describe("a result of a real run", () => {
  test("opens from a file, asks for nothing else, and tells the violation first", async () => {
    const page = await opened("real.html");
    expect(page.requests).toEqual([page.url()]);
    await expect.poll(() => page.locator("h1").innerText()).toContain(`1 of ${total(real)} expectations is violated.`);
    const card = page.locator("main article").first();
    expect(await card.innerText()).toContain("nftables.d/10-blocked.nft:4");
    expect(await page.locator("main section").first().getAttribute("id")).toBe("problems");
    const names = await page.locator("svg.drawing.wide .node .name").allTextContents();
    expect(names.sort()).toEqual(
      [...Object.keys(real.topology.hosts), ...Object.keys(real.topology.routers), ...Object.keys(real.topology.lans)].sort(),
    );
    expect(await page.locator("table.matrix td[data-cell]").count()).toBe(real.cells.length);
  });

  test("a cell by mouse: its way, the rule that decided, its evidence; the address leads back to it", async () => {
    const page = await opened("real.html");
    await page.locator("td.s-violated").first().click();
    const drawer = page.locator("aside.drawer");
    await drawer.waitFor();
    expect(await drawer.locator(".leg-item.stopped").innerText()).toContain("inet blocked prerouting ip saddr 192.0.2.0/24 drop");
    expect(await drawer.locator(".leg-item.untried").count()).toBe(2);
    expect(await drawer.locator(".trace").innerText()).toContain("SYN arrived on eth0");
    for (const text of ["ssh -fN -R :43234:localhost:3389", "0.0.0.0:43234", "192.0.2.66"])
      expect(await drawer.locator(".facts").innerText()).toContain(text);
    expect(await page.locator("svg.drawing.wide .leg").count()).toBeGreaterThan(0);
    expect(new URL(page.url()).hash).toContain("cell=rdp");
    await page.reload();
    await drawer.waitFor();
    await page.goBack();
    await drawer.waitFor({ state: "detached" });
  });

  test("a cell by keyboard: arrows, Enter, Escape", async () => {
    const page = await opened("real.html");
    await page.locator('table.matrix td[tabindex="0"]').first().focus();
    const before = await focusedCell(page);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    const after = await focusedCell(page);
    expect(after).not.toBe(before);
    await page.keyboard.press("Enter");
    await page.locator("aside.drawer").waitFor();
    await expect.poll(() => page.evaluate("document.activeElement.id")).toBe("cell-title");
    await page.keyboard.press("Escape");
    await page.locator("aside.drawer").waitFor({ state: "detached" });
    expect(await focusedCell(page)).toBe(after);
  });

  test("search and filter: cells that fit, kept in the address", async () => {
    const page = await opened("real.html");
    await page.getByRole("searchbox", { name: "Search" }).fill("database campus ipv6");
    const status = page.locator(".found");
    await expect.poll(() => status.innerText()).toContain("1 of 84 cells");
    expect(await page.locator("table.matrix tbody tr").count()).toBe(1);
    await page.reload();
    await expect.poll(() => status.innerText()).toContain("1 of 84 cells");
    await page.getByRole("button", { name: "Show all" }).click();
    await page.getByRole("button", { name: /^violation/ }).click();
    await expect.poll(() => status.innerText()).toContain("1 of 84 cells");
    expect(new URL(page.url()).hash).toBe("#status=violated");
    await page.getByText("Observed", { exact: true }).first().waitFor();
    await page.locator(".segments label", { hasText: "Expected" }).click();
    await expect.poll(() => page.locator("td[data-cell]").first().innerText()).toBe("reachable");
  });
});

describe("every kind of page", () => {
  const kinds = {
    result: () => rich as Shown,
    fleet: () => mixed as Shown,
    review: () => whatIf as Shown,
    comparison: () => comparison() as Shown,
  };

  test.each(Object.entries(kinds))(
    "%s: no fault for a screen reader, light and dark, wide and narrow; nothing sticks out",
    async (kind, document) => {
      const page = await opened(await written(`${kind}.html`, document()));
      for (const look of looks) {
        await take(page, look);
        await inLanguage(page, look.width < 500 ? "ja" : "en");
        await expectToLookRight(page, `report-${kind}`);
      }
    },
  );

  test("the drawer, too", async () => {
    const page = await opened(await written("drawer.html", failing));
    await page.locator("td.s-violated").first().click();
    await page.locator("aside.drawer").waitFor();
    for (const look of [
      { width: 1440, colorScheme: "dark" },
      { width: 360, colorScheme: "light" },
    ] as const) {
      await take(page, look);
      await inLanguage(page, look.width < 500 ? "ja" : "en");
      await expectToLookRight(page, "report-drawer");
    }
  });

  test("English and Japanese: the browser's language, the one asked for, and a button", async () => {
    const file = await written("languages.html", { ...failing, ...toldWarnings([...everyWarning]) });
    const ofBrowser = await opened(file, { locale: "ja-JP" });
    const warned = await ofBrowser.locator(".notes.warning li").allInnerTexts();
    expect(warned.length).toBe(everyWarning.length);
    for (const text of warned) expect(text).toMatch(/[\u3040-\u30ff]/);
    expect(await ofBrowser.locator("h1").innerText()).toContain("不合格");
    const asked = await opened(await written("asked.html", failing, "ja"));
    expect(await asked.locator("html").getAttribute("lang")).toBe("ja");
    await asked.getByRole("button", { name: "Show in English" }).click();
    await expect.poll(() => asked.locator("h1").innerText()).toContain("Fail");
    expect(await asked.locator("html").getAttribute("lang")).toBe("en");
    await asked.reload();
    expect(await asked.locator("h1").innerText()).toContain("Fail");
  });

  test("in Japanese nothing is left in English: all that a result, a fleet, a review and a comparison can say", async () => {
    const codes = (language: "en" | "ja") => Object.keys(tables[language]);
    const reasons = codes("en").map((code) => ({ status: "violated" as const, code, params: {}, text: sentenceFor({ code, params: {} }) }));
    const provenance = { ...toldAdaptations({ ...rich.provenance, adaptationDetails: [...everyAdaptation] }), ...labFacts };
    const all: Result = { ...rich, reasons, provenance, ...toldWarnings([...everyWarning]) };
    const server = mixed.servers.find(({ error }) => error) as FleetServer;
    // Others end the whole run, and stand in no document.
    const serversOwn = everyFault.filter(({ code }) => Object.hasOwn(serverFaults, code));
    const faults = serversOwn.map(
      (fault, at): FleetServer => ({
        ...server,
        name: `s${at}`,
        error: { code: fault.code, message: "what went wrong here", todo: "do this and that", fault } as ServerError,
      }),
    );
    const documents: Record<string, Shown> = {
      result: all,
      fleet: fleetWith(faults),
      review: { ...whatIf, reasons, provenance },
      tried,
      refused: unsure,
      comparison: comparison(),
      reviews: compareReviews({ before: closed, after: exposing, names: { before: "a", after: "b" }, tool: rich.tool }),
    };
    for (const [kind, document] of Object.entries(documents)) {
      const page = await opened(await written(`all-${kind}.html`, document, "ja"));
      expect(await englishOn(page), kind).toEqual([]);
      if (kind === "fleet")
        expect(await page.locator("pre").allInnerTexts()).not.toContainEqual(expect.stringMatching(/what went wrong|to do:/));
      for (const cell of kind === "result" ? await page.locator("td[data-cell]").all() : []) {
        await cell.evaluate((element) => (element as unknown as { click(): void }).click());
        expect(await englishOn(page), kind).toEqual([]);
      }
    }
    // The control: what has no code stays as it was written, and is seen; on an English page much is.
    const foreign = { ...all, warnings: [...all.warnings, "of another version, without a code"] };
    const page = await opened(await written("all-foreign.html", foreign, "ja"));
    expect(await englishOn(page)).toEqual(["of another version, without a code"]);
    await inLanguage(page, "en");
    expect((await englishOn(page)).length).toBeGreaterThan(reasons.length);
  });

  test("hostile texts are shown as they are, and do nothing", async () => {
    const hostile = '</script><script>alert(1)</script><img src=x onerror="alert(2)"><!--';
    const documents: Record<string, Shown> = {
      result: withHostileTexts(hostile),
      fleet: hostileFleet(hostile),
      review: hostileReview(hostile),
      comparison: compareResults({
        before: passing,
        after: withHostileTexts(hostile),
        names: { before: hostile, after: hostile },
        tool: { name: hostile, version: hostile },
      }),
    };
    for (const [kind, document] of Object.entries(documents)) {
      const page = await opened(await written(`hostile-${kind}.html`, document));
      expect(await page.locator("#page").innerText(), kind).toContain("<script>alert(1)</script>");
      expect(await page.locator("script, img").count(), kind).toBe(2);
    }
  });

  test("on paper: the violations with all that is open, and no button", async () => {
    const page = await opened(await written("paper.html", failing));
    await page.emulateMedia({ media: "print" });
    expect(await page.locator("main article").first().isVisible()).toBe(true);
    for (const button of await page.locator("button.button, .chip, input").all()) expect(await button.isVisible()).toBe(false);
    expect((await page.pdf()).length).toBeGreaterThan(10_000);
  });
});

test("a fleet: what is wrong comes first; a server's own page and back, by mouse and by the address", async () => {
  const page = await opened(await written("fleet.html", mixed));
  expect(await page.locator(".server .server-name > :first-child").allInnerTexts()).toEqual([
    "servers/b",
    "servers/b2",
    "servers/mail",
    "servers/a",
  ]);
  expect(await page.locator(".server.o-fail").first().locator("li").allInnerTexts()).toEqual([
    "rdp: internet reaches it over IPv6 and must not",
    "rdp: it is not known whether campus can reach it over IPv4",
  ]);
  expect(await page.locator(".server.o-pass li").count()).toBe(0);
  expect(await page.locator(".server.o-inconclusive").innerText()).toContain("Bad configuration option: GatewayPort");
  await page.getByRole("button", { name: "servers/b2" }).click();
  await page.locator("#matrix").waitFor();
  expect(await page.locator(".subject").innerText()).toBe("servers/b2/policy.yaml");
  await page.locator("td.s-violated").first().click();
  await page.locator("aside.drawer").waitFor();
  await page.reload();
  await page.locator("aside.drawer").waitFor();
  await page.getByRole("button", { name: "All 4 servers" }).click();
  await page.locator("#servers").waitFor();
  expect(await page.locator("aside.drawer").count()).toBe(0);
  await page.goBack();
  await page.locator("#matrix").waitFor();
});

describe("a review", () => {
  test("a patch to copy, and the answer whether an address gets in", async () => {
    const page = await opened(await written("review-parts.html", whatIf), { permissions: ["clipboard-read", "clipboard-write"] });
    const patched = whatIf.findings.find(({ remedy }) => remedy?.patch);
    await page.locator("main article .patch-box").first().getByRole("button", { name: "Copy" }).click();
    await expect.poll(() => page.locator(".patch-box").first().innerText()).toContain("Copied");
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(`${patched?.remedy?.patch?.trimEnd()}\n`);
    await page.getByRole("searchbox", { name: "Can this address get in?" }).fill("45.13.7.9");
    await expect.poll(() => page.locator(".membership").count()).toBeGreaterThan(0);
    expect(new URL(page.url()).hash).toBe("#ip=45.13.7.9");
    await page.getByRole("searchbox", { name: "Can this address get in?" }).fill("45.13");
    await expect.poll(() => page.locator(".answer").innerText()).toBe("not an IPv4 or IPv6 address");
  });

  test("beside the user's lines stands what each is worth", async () => {
    const page = await opened(await written("review-lines.html", whatIf));
    const line = page
      .locator(".file", { hasText: first?.file ?? "" })
      .locator(".file-line")
      .first();
    expect(await line.innerText()).toContain("load-bearing");
    expect(await page.locator(".file-line").count()).toBe(new Set(whatIf.coverage.map(({ file, line }) => `${file}:${line}`)).size);
  });
});

test("a comparison tells what opened first, side by side", async () => {
  const page = await opened(await written("diff.html", comparison()));
  expect(await page.locator("h1").innerText()).toMatch(/exposure added/i);
  const card = page.locator("main article").first();
  expect(await card.locator(".side").allInnerTexts()).toEqual([expect.stringContaining("filtered"), expect.stringContaining("reached")]);
});

test("in a mail program's preview, a frame without an address of its own, everything works but the address", async () => {
  const html = await readFile(join(folder, await written("attached.html", failing)), "utf8");
  const attribute = html.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  await writeFile(
    join(folder, "preview.html"),
    `<!doctype html><main><h1>Inbox</h1><iframe sandbox="allow-scripts" width="1200" height="800" srcdoc="${attribute}"></iframe></main>`,
  );
  const frame = (await opened("preview.html")).frameLocator("iframe");
  await frame.getByRole("button", { name: "日本語で表示" }).click();
  await expect.poll(() => frame.locator("h1").innerText()).toContain("不合格");
  await frame.locator("td.s-violated").first().click();
  await frame.locator("aside.drawer .leg-item").first().waitFor();
});

test("an older result without a network says so; a document of another version is not misread", async () => {
  const { topology: _, ...old } = failing;
  const page = await opened(await written("old.html", old as Result), { hash: "#cell=rdp%7Cinternet%7C198.51.100.10%3A43234" });
  expect(await page.locator("#lab").innerText()).toContain("This result does not contain the lab's network.");
  expect(await page.locator("aside.drawer .leg-item").count()).toBe(3);
});

test("five thousand cells", async () => {
  const result = largeResult(Math.ceil(5000 / largeResult(1).cells.length));
  expect(result.cells.length).toBeGreaterThanOrEqual(5000);
  const file = await written("large.html", result);
  const size = (await readFile(join(folder, file))).length;
  const page = await opened(file);
  await expect.poll(() => page.locator("td[data-cell]").count()).toBe(result.cells.length);
  const seen = Number(await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"));
  console.log(
    `${result.cells.length} cells: JSON ${kilobytes(JSON.stringify(result).length)}, page ${kilobytes(size)} (template ${kilobytes(template.length)}), seen after ${Math.round(seen)} ms`,
  );
  // Without sharing it would be as large as its JSON.
  expect(size).toBeLessThan(JSON.stringify(result).length / 2);
  await page.getByRole("searchbox", { name: "Search" }).fill("site-37 ipv6");
  await expect.poll(() => page.locator("table.matrix tbody tr").count()).toBe(1);
  await page.locator("td[data-cell]").last().click();
  await page.locator("aside.drawer .leg-item").first().waitFor();
});

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`;
}

function total({ counts }: Result): number {
  return counts.held + counts.violated + counts.waived + counts.inconclusive;
}

function focusedCell(page: Page): Promise<unknown> {
  return page.evaluate("document.activeElement.dataset.cell");
}
