import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { placeholder } from "../../../harness/report/html.ts";
import { buildPage } from "../../../harness/web/build-page.ts";
import { learnPage, lessonPage, playgroundPage, reportPage } from "../../../harness/web/report-page.ts";

test.for(["report", "playground"] as const)(
  "the page %s loads nothing, names no folder of this machine, and its policy names its script and its style",
  async (name) => {
    const page = await buildPage(name);
    expect(page.split(placeholder)).toHaveLength(2);
    // Namespaces of SVG and MathML are names.
    expect(page.match(/https?:\/\/(?!www\.w3\.org\/)/g)).toBeNull();
    expect(page).not.toMatch(/ (src|href)="|@import|url\(/);
    expect(page).not.toContain(import.meta.dirname.split("/").slice(0, 3).join("/"));
    const [, policy = ""] = /Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    const hashOf = (pattern: RegExp) =>
      `'sha256-${createHash("sha256")
        .update(pattern.exec(page)?.[1] ?? "")
        .digest("base64")}'`;
    expect(policy).toContain(
      `default-src 'none'; script-src ${hashOf(/<script>([\s\S]*?)<\/script>/)}; style-src ${hashOf(/<style>([\s\S]*?)<\/style>/)};`,
    );
    // The same from the same sources, in every environment.
    const shown = name === "report" ? await reportPage() : (await playgroundPage()).replace('{"language":null}', placeholder);
    expect(shown).toBe(page);
    expect(page.length).toBeLessThan(300_000);
  },
);

test("the page of learn talks to its own server and to nobody else; a page of an export loads nothing", async () => {
  const [live, exported] = [await learnPage(), await lessonPage({ lessons: [], course: [], library: [], exercises: [] }, undefined)];
  const policyOf = (page: string) => /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "";
  expect(policyOf(live)).toMatch(
    /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'unsafe-inline'; img-src data:; connect-src 'self';/,
  );
  expect(policyOf(exported)).toMatch(
    /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; img-src data:; base-uri 'none';/,
  );
  expect(live).not.toContain(import.meta.dirname.split("/").slice(0, 3).join("/"));
  // A terminal has no place in an export.
  expect(exported).not.toContain("xterm");
  expect(exported.length).toBeLessThan(260_000);
  expect(live.length).toBeLessThan(700_000);
});
