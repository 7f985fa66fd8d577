/** Chromium for the tests of pages: the machine's own, or, as root on Debian and Ubuntu, from apt. One for all files of a worker. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { test as base, expect, onTestFinished } from "vitest";

/** What needs no screen takes half the time. */
const names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Each page gets a context of its own: what one test keeps or allows, the next does not find. */
// biome-ignore lint/correctness/noEmptyPattern: Vitest reads a fixture's needs from this pattern
export const test = base.extend("browser", { scope: "worker" }, async ({}, { onCleanup }): Promise<Browser> => {
  // Its sandbox needs user namespaces, which containers and root do not have.
  const browser = await chromium.launch({ executablePath: found() ?? installed(), args: ["--no-sandbox"] });
  onCleanup(() => browser.close());
  return browser;
});

function found(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find((path) => existsSync(path));
}

function installed(): string {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get"))
    throw new Error("the tests of pages need Chromium on the PATH: install it (Debian, Ubuntu: `apt-get install chromium`)");
  // Another file's tests may be at it: apt waits for nobody.
  execFileSync("flock", [join(tmpdir(), "forwardlab-chromium.lock"), "sh", "-c", script], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  const path = found();
  if (path === undefined) throw new Error("Chromium was installed, but is not on the PATH");
  return path;
}

const script = `command -v chromium-headless-shell || command -v chromium || {
  apt-get -y -qq update
  apt-get -y -qq install --no-install-recommends chromium-headless-shell fonts-dejavu-core fonts-ipafont-gothic ||
    apt-get -y -qq install --no-install-recommends chromium fonts-dejavu-core fonts-ipafont-gothic
}`;

export interface Opening extends BrowserContextOptions {
  hash?: string;
  /** Milliseconds for whatever is waited for on the page. Left out: the library's own. */
  patienceMs?: number;
}

/** A page from a file: see `openPage`. */
export function openFile(browser: Browser, file: string, shows: string, options: Opening = {}): Promise<Page & { requests: string[] }> {
  return openPage(browser, String(pathToFileURL(file)), shows, options);
}

/** A page on which nothing may go wrong while its test runs. `shows`: what is there once it is ready. */
export async function openPage(
  browser: Browser,
  address: string,
  shows: string,
  { hash = "", patienceMs, ...options }: Opening = {},
): Promise<Page & { requests: string[] }> {
  const context = await browser.newContext({ locale: "en-US", viewport: { width: 1440, height: 900 }, ...options });
  if (patienceMs !== undefined) context.setDefaultTimeout(patienceMs);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const wrong: string[] = [];
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("dialog", (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  onTestFinished(() => expect(wrong).toEqual([]));
  await page.goto(`${address}${hash}`);
  await page.locator(shows).first().waitFor();
  return Object.assign(page, { requests });
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Rules about what a look changes: colours, what is shown, and what scrolls. */
const rulesOfLooks = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "aria-hidden-focus", "region"];

/** States of a page to which all rules have been applied. */
const judged = new WeakMap<Page, Set<string>>();

/** As its button does, with whatever else stands in the address. */
export async function inLanguage(page: Page, language: "en" | "ja"): Promise<void> {
  const { hash } = new URL(page.url());
  const others = hash
    .slice(1)
    .split("&")
    .filter((each) => each !== "" && !each.startsWith("lang="));
  await page.evaluate(`location.hash = ${JSON.stringify([...others, `lang=${language}`].join("&"))}`);
  await page.locator(`html[lang=${language}]`).waitFor();
}

/** What only quotes: code, names, what programs say and what people type. */
const quotes = "code, pre, kbd, samp, script, style, textarea, input, option, [translate=no], .xterm";

/**
 * English sentences on a page, outside of quotes: three words in a row. A text that is marked as English counts as well: it is what should be told in
 * the page's language. What is folded, and what only a screen reader says, is looked at too.
 */
export function englishOn(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const body = document.body.cloneNode(true);
    for (const each of body.querySelectorAll(${JSON.stringify(quotes)})) each.replaceWith("\u2026");
    body.normalize();
    const texts = [];
    const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push(walker.currentNode.data);
    for (const each of body.querySelectorAll("*"))
      for (const name of ["aria-label", "title", "alt", "placeholder", "aria-description"]) texts.push(each.getAttribute(name) ?? "");
    const sentence = /(?:^|[^\\w./-])(?:[A-Za-z][a-z']+ ){2,}[a-z]+/;
    return [...new Set(texts.filter((text) => sentence.test(text)).map((text) => text.trim()))];
  })()`) as Promise<string[]>;
}

/** Violations of axe's rules, one line each; empty when all is well. What one state is in another look, only the rules of looks tell. */
async function accessibilityFaults(page: Page, state: string): Promise<string[]> {
  if (await page.evaluate("typeof axe === 'undefined'")) await page.evaluate(axe);
  const states = judged.get(page) ?? new Set();
  judged.set(page, states);
  const options = { resultTypes: ["violations"], ...(states.has(state) ? { runOnly: rulesOfLooks } : {}) };
  states.add(state);
  const found = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as {
    violations: { id: string; nodes: { target: unknown; failureSummary?: string }[] }[];
  };
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
}

export interface Look {
  /** CSS pixels. */
  width: number;
  colorScheme: "light" | "dark";
}

/** The two that differ most. */
export const looks: readonly Look[] = [
  { width: 360, colorScheme: "dark" },
  { width: 1440, colorScheme: "light" },
];

/** Where pictures of the pages go, for people to look at: `npm run screenshots`. Unset: none are made. */
const pictures = process.env.FORWARDLAB_SCREENSHOTS;

export async function take(page: Page, { width, colorScheme }: Look): Promise<void> {
  await page.setViewportSize({ width, height: 800 });
  await page.emulateMedia({ colorScheme });
  // On the way from one colour to the other there is not enough contrast.
  await page.evaluate("for (const each of document.getAnimations()) if (each instanceof CSSTransition) each.finish()");
}

/** As it is now, the page is as wide as its window, axe finds nothing, and a Japanese page has no English sentence. `state`: what it shows, as a file may be called. */
export async function expectToLookRight(page: Page, state: string): Promise<void> {
  const { width, dark, lang } = (await page.evaluate(
    "({ width: innerWidth, dark: matchMedia('(prefers-color-scheme: dark)').matches, lang: document.documentElement.lang })",
  )) as { width: number; dark: boolean; lang: string };
  const name = `${state}-${width}-${dark ? "dark" : "light"}-${lang}`;
  if (pictures !== undefined && pictures !== "") {
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true, animations: "disabled" });
  }
  if (lang === "ja") expect(await englishOn(page), name).toEqual([]);
  expect(await page.evaluate("document.documentElement.scrollWidth"), name).toBeLessThanOrEqual(width);
  expect(await accessibilityFaults(page, state), name).toEqual([]);
}
