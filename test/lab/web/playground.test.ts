/** The playground in a browser: opened from a file, typed into, by keyboard, in both languages, wide and narrow, light and dark. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, describe, expect } from "vitest";
import { answerTo } from "../../../harness/web/playground/answer.ts";
import { examples } from "../../../harness/web/playground/examples.ts";
import { empty, encodeSituation, type Situation } from "../../../harness/web/playground/situation.ts";
import { cli } from "../../quick/cli/run-cli.ts";
import { englishOn, expectToLookRight, type Opening, openFile, take, test } from "./browser.ts";

let browser: Browser;
let folder: string;

test.beforeAll(async ({ browser: started }) => {
  browser = started;
  folder = await mkdtemp(join(tmpdir(), "forwardlab-playground-"));
  expect(await cli(["playground", "--out", join(folder, "page.html")])).toEqual({
    code: 0,
    stdout: `${join(folder, "page.html")}\n`,
    stderr: "",
  });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** `shows`: what is there once the page is ready. */
const opened = ({ shows = ".headline", ...options }: Opening & { shows?: string } = {}) =>
  openFile(browser, join(folder, "page.html"), shows, options);

/** `campus 198.51.100.10:43234 reached`, sorted. */
const tableOf = (page: Page) =>
  page.locator("table.reach tbody tr").evaluateAll((rows) => rows.map((row) => `${row.dataset.cell} ${row.dataset.verdict}`));

async function predicted(situation: Situation): Promise<string[]> {
  const { forwards } = await answerTo(situation);
  return (forwards[0]?.reach ?? []).map(
    ({ vantage, target, via, verdict }) => `${[vantage, target, ...(via ? [via] : [])].join(" ")} ${verdict}`,
  );
}

/** As by a link to the same page. */
const goTo = (page: Page, hash: string) => page.evaluate(`location.hash = ${JSON.stringify(hash)}`);

const hashOf = (situation: Situation) => `#s=${encodeSituation(situation)}`;
const exampleOf = (id: string) => examples.find((each) => each.id === id)?.situation ?? empty;

describe("typing", () => {
  test("a command typed and read at once, without a request; faults stand beside the field", async () => {
    const page = await opened();
    expect(page.requests).toEqual([page.url()]);
    // While other tests keep the machine busy; alone it is a few hundredths.
    const took = await page.evaluate(`(async () => {
      const field = document.querySelector("#ssh");
      const before = document.querySelector(".headline").textContent;
      const start = performance.now();
      field.value = "ssh -R 43234:localhost:3389 server";
      field.dispatchEvent(new Event("input", { bubbles: true }));
      while (document.querySelector(".headline").textContent === before) await new Promise(requestAnimationFrame);
      return performance.now() - start;
    })()`);
    expect(took).toBeLessThan(1000);
    await expect.poll(() => tableOf(page)).toEqual(await predicted({ ...exampleOf("article"), ssh: "ssh -R 43234:localhost:3389 server" }));
    await page.locator("#ssh").fill("ssh server");
    await page.locator("#ssh[aria-invalid=true]").waitFor();
    expect(await page.locator("#ssh-about").innerText()).toContain("no forward is asked for");
    expect(await page.locator(".stale").innerText()).toContain("last input that could be read");
    await page.locator("#config").fill("GatewayPorts yes\nNoSuchThing 1\n");
    await expect.poll(() => page.locator("#config-about").innerText()).toContain("line 2: sshd refuses the config");
    expect(page.requests).toHaveLength(1);
  });

  test("the firewall as a form, and pasted; what is not understood leaves no verdict", async () => {
    const page = await opened({ hash: hashOf(exampleOf("firewall-closed")) });
    await page.getByRole("button", { name: "Add a rule" }).click();
    await page.locator("#rule-1-ports").fill("43234");
    await page.locator(".h-world").waitFor();
    await page.locator("#rule-1-ports").fill("http");
    await expect.poll(() => page.locator("#rule-1-ports-about").innerText()).toContain("not a port: http");
    await page.getByText("Paste", { exact: true }).click();
    const rules = "table inet f {\n chain input {\n type filter hook input priority 0; policy drop;\n jump mine\n }\n}\n";
    await page.locator("#ruleset").fill(rules);
    await page.locator(".h-unknown").waitFor();
    expect(await page.locator(".doubts").innerText()).toContain("jump mine");
    expect(new Set((await tableOf(page)).map((row) => row.split(" ").at(-1)))).toEqual(new Set(["inconclusive"]));
    expect(await page.locator('[data-file="policy.yaml"]').innerText()).toContain("The model cannot tell");
  });
});

test("the table is the model's, for every example", async () => {
  const page = await opened();
  for (const { id, situation } of examples) {
    await page.locator("#example").selectOption(id);
    await expect.poll(() => tableOf(page), { message: id }).toEqual(await predicted(situation));
  }
});

describe("the address", () => {
  test("leads back to the situation, by link, by Back and by hand", async () => {
    const situation: Situation = { ...exampleOf("gatewayports-no"), account: "bob", keyOptions: "restrict" };
    const page = await opened({ hash: hashOf(situation) });
    expect(await page.locator("#account").inputValue()).toBe("bob");
    expect(await page.locator("#keyOptions").inputValue()).toBe("restrict");
    await page.locator(".h-refused").waitFor();
    await page.locator("#keyOptions").fill("");
    await page.waitForURL((url) => url.hash === hashOf({ ...situation, keyOptions: "" }));
    await goTo(page, hashOf(exampleOf("privileged-port")));
    await expect.poll(() => page.locator("#ssh").inputValue()).toContain(":443:");
  });

  test("what somebody else wrote there is never run", async () => {
    const evil = "<img src=x onerror=alert(1)><script>alert(1)</script>";
    const page = await opened({ hash: hashOf({ ...empty, ssh: `ssh -R ':43234:${evil}:1' ${evil}`, config: evil }), shows: ".fault" });
    expect(await page.locator("#config-about").innerText()).toContain("line 1");
    expect(await page.locator("#content img, #content script").count()).toBe(0);
    await goTo(page, "#s=eyJzc2giOjF9");
    await expect.poll(() => page.getByRole("alert").innerText()).toContain("cannot read");
    await goTo(page, hashOf({ ...exampleOf("article"), config: `Banner ${evil}\n`, firewall: "text", ruleset: evil }));
    await expect.poll(() => page.locator(".doubts").innerText()).toContain("<img");
    expect(await page.locator("#content img, #content script").count()).toBe(0);
  });
});

test("by keyboard alone: an example, a row of the table, the language", async () => {
  const page = await opened();
  await page.locator("#example").focus();
  await page.keyboard.press("ArrowDown");
  await expect.poll(() => page.locator("#ssh").inputValue()).toContain("-R 43234:");
  const row = page.locator('[data-cell^="internet"] button').first();
  await row.focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => row.getAttribute("aria-pressed")).toBe("true");
  await expect.poll(() => page.locator(".leg-item.stopped").innerText()).toContain("internet connects");
  await page.getByRole("button", { name: "日本語で表示" }).focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => page.locator("h1").innerText()).toContain("この SSH 転送は");
});

test("as wide as the window, and accessible: narrow and wide, light and dark, in both languages; with an answer, a refusal and a doubt", async () => {
  const page = await opened();
  const doubtful: Situation = {
    ...exampleOf("article"),
    config: "Include x\n",
    firewall: "text",
    ruleset: 'table inet f {\n include "x"\n}\n',
  };
  for (const [state, width, colorScheme, lang, situation, shows] of [
    ["answer", 360, "light", "en", exampleOf("article"), ".h-some"],
    ["refused", 360, "dark", "ja", exampleOf("restrict"), ".h-refused"],
    ["unknown", 1440, "light", "ja", doubtful, ".h-unknown"],
    ["world", 1440, "dark", "en", exampleOf("firewall-open"), ".h-world"],
  ] as const) {
    await take(page, { width, colorScheme });
    await goTo(page, `${hashOf(situation)}&lang=${lang}`);
    await page.locator(`html[lang=${lang}] ${shows}`).waitFor();
    await expectToLookRight(page, `playground-${state}`);
  }
});

test("in Japanese nothing is left in English: each example, each row, and what is wrong with each field", async () => {
  const page = await opened({ hash: `${hashOf(exampleOf("article"))}&lang=ja` });
  for (const { situation } of examples) {
    await goTo(page, `${hashOf(situation)}&lang=ja`);
    await page.locator("html[lang=ja] .headline").waitFor();
    for (const row of await page.locator("table.reach tbody tr").all()) {
      await row.evaluate((element) => (element as unknown as { click(): void }).click());
      expect(await englishOn(page), situation.ssh).toEqual([]);
    }
  }
  const story = exampleOf("article");
  const wrong: Partial<Situation>[] = [
    ...["ssh -Z", "ssh -R", "ssh -N server", "ssh -R a:b:c:d:e s", "ssh -R 's", "ssh -V", "ssh -f -R 1:h:2 s", "ssh -R ./s:h:2 s"].map(
      (ssh) => ({ ssh }),
    ),
    ...["ssh -o RemoteForward=1:h:2 s", "ssh -R /s% s", "autossh -M 5 -R 5:h:6 s", "ssh -w 0 s", "ssh -R /s s"].map((ssh) => ({ ssh })),
    ...["GatewayPort yes\n", "Match all x\n", "PermitListen\n"].map((config) => ({ config })),
    { keyOptions: 'permitlisten="' },
    { keyOptions: "sometimes" },
    { groups: "a b!" },
    { account: "no name" },
  ];
  for (const change of wrong) {
    await goTo(page, `${hashOf({ ...story, ...change })}&lang=ja`);
    await page.locator(".fault").first().waitFor();
    expect(await englishOn(page), JSON.stringify(change)).toEqual([]);
  }
});

test("on a phone one file after the other is copied with one press each", async () => {
  const page = await opened({ hash: hashOf(exampleOf("article")), viewport: { width: 360, height: 740 }, locale: "ja-JP" });
  for (const name of ["policy.yaml", "sshd_config"]) {
    await page.locator(`[data-file="${name}"] button`).click();
    await expect.poll(() => page.locator("[data-file]", { hasText: "✔" }).getAttribute("data-file")).toBe(name);
  }
});

test("on a phone the headline stays in sight, and leads to the answer", async () => {
  const page = await opened({ viewport: { width: 360, height: 700 } });
  const peek = page.locator(".peek");
  await peek.click();
  await peek.waitFor({ state: "detached" });
  expect(await page.evaluate("document.activeElement?.id")).toBe("answer");
});

test("files can be saved; on paper stand what was typed and the answer, without buttons", async () => {
  const page = await opened();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download: policy.yaml" }).click()]);
  expect(download.suggestedFilename()).toBe("policy.yaml");
  await page.emulateMedia({ media: "print" });
  expect(await page.locator("#ssh").isVisible()).toBe(true);
  expect(await page.locator(".headline").isVisible()).toBe(true);
  expect(await page.locator(".patch-buttons").first().isVisible()).toBe(false);
});
