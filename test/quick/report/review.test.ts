/** Reports of a review, as they were agreed on: `vitest run -u` when they are to change. */
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { audiences } from "../../../harness/core/audience.ts";
import { UserError } from "../../../harness/core/errors.ts";
import { findingKinds, type Review, reviewSchema } from "../../../harness/core/review.ts";
import { reportFormats } from "../../../harness/report/render.ts";
import { checkReviewFormat, renderReview, reviewFormats } from "../../../harness/report/render-review.ts";
import { githubReviewOutputs, githubReviewSummary } from "../../../harness/report/review-github.ts";
import { destinationLines, findingText, reviewWords, visitorsText } from "../../../harness/report/review-words.ts";
import type { Language } from "../../../harness/report/sentences.ts";
import { columnsOf } from "../../../harness/report/wrap.ts";
import { closed, crowded, exposing, finding, hostileReview, tried, unsure } from "./review-sample.ts";
import { hostile, page } from "./sample.ts";
import { elements, parseXml } from "./xml.ts";

const samples = { exposing, closed, unsure, crowded, tried };
const languages: Language[] = ["en", "ja"];
const extensions: Record<string, string> = { text: "txt", markdown: "md", junit: "xml", tap: "tap", github: "txt" };
const golden = (name: string, format: string) => `golden/review-${name}.${extensions[format] ?? "json"}`;

describe("the formats", () => {
  test("a review is carried by all of them", () => {
    expect([...reviewFormats].sort()).toEqual([...reportFormats].sort());
    for (const format of ["xml", "toString", ""]) expect(() => checkReviewFormat(format)).toThrow(UserError);
  });

  test.each(reviewFormats.filter((format) => format !== "html"))("%s", async (format) => {
    await expect(renderReview(format, exposing, { width: 80 })).toMatchFileSnapshot(golden(format, format));
  });

  test.each(["text", "markdown"])("%s, in Japanese", async (format) => {
    await expect(renderReview(format, exposing, { width: 80, language: "ja" })).toMatchFileSnapshot(golden(`${format}.ja`, format));
  });

  test.each(Object.entries({ closed, unsure, crowded }))("text: %s", async (name, review) => {
    const both = languages.map((language) => renderReview("text", review, { width: 80, language })).join("\n");
    await expect(both).toMatchFileSnapshot(golden(`text-${name}`, "text"));
  });

  test.each(["text", "markdown"])("%s: what each line is worth", async (format) => {
    const both = languages.map((language) => renderReview(format, tried, { width: 80, language })).join("\n");
    await expect(both).toMatchFileSnapshot(golden(`${format}-tried`, format));
  });

  test.each(reviewFormats.filter((format) => format !== "html"))("%s says what was not tried, and why", (format) => {
    const report = renderReview(format, tried).replaceAll(/&[a-z]+;|\\|\n {4}/g, "");
    for (const word of ["closed", "6000", "its only one", "192.0.2.33", "967 more"]) expect(report).toContain(word);
    for (const language of languages) expect(renderReview("text", tried, { language })).toContain("192.0.2.33");
  });

  test("the samples are reviews, with findings of every audience, with none, and without a verdict", () => {
    for (const review of Object.values(samples)) expect(reviewSchema.parse(JSON.parse(renderReview("json", review)))).toEqual(review);
    expect(new Set(exposing.findings.map(({ audience }) => audience))).toEqual(new Set(audiences));
    expect(new Set(exposing.findings.map(({ kind }) => kind))).toEqual(new Set(findingKinds));
    expect(closed.findings).toEqual([]);
    expect(unsure.outcome).toBe("inconclusive");
  });

  test.each(reviewFormats)("%s: a pure function that ends with a newline, whatever the review", (format) => {
    for (const review of [...Object.values(samples), hostileReview(hostile)]) {
      const before = JSON.stringify(review);
      const report = renderReview(format, review, { page });
      expect(report.endsWith("\n")).toBe(true);
      expect(renderReview(format, review, { page })).toBe(report);
      expect(JSON.stringify(review)).toBe(before);
    }
  });

  test.each(reviewFormats)("%s carries every warning", (format) => {
    const report = renderReview(format, exposing, { page });
    for (const warning of exposing.warnings) for (const word of warning.match(/[a-z]{4,}/g) ?? []) expect(report).toContain(word);
  });

  test("hostile texts steer nothing, in any format that people read", () => {
    for (const format of ["text", "markdown", "github", "tap"]) {
      const report = renderReview(format, hostileReview(hostile));
      expect(report, format).not.toMatch(/\p{Cc}(?<!\n)/u);
      for (const line of report.split("\n")) expect(line.startsWith("::stop-commands") || line.startsWith("::error::")).toBe(false);
    }
  });
});

describe("the text", () => {
  test("the headline: what was found, that nothing can be exposed, or that it is not known", () => {
    const first = (review: Review) => renderReview("text", review).split("\n")[0];
    expect(first(exposing)).toBe("✘ 10 findings  site/sshd_config");
    expect(first(closed)).toMatch(/^✔ NOTHING CAN BE EXPOSED {2}/);
    expect(first(unsure)).toMatch(/^\? INCONCLUSIVE {2}1 finding, but not everything could be proven/);
  });

  test("nothing is wider than the terminal, and colour adds nothing but colour", () => {
    for (const language of languages) {
      for (const review of Object.values(samples)) {
        const text = renderReview("text", review, { width: 80, language });
        for (const line of text.split("\n")) expect(columnsOf(line), line).toBeLessThanOrEqual(80);
        const colored = renderReview("text", review, { width: 80, language, color: true });
        expect(stripVTControlCharacters(colored)).toBe(text);
        expect(colored).not.toBe(text);
      }
    }
  });

  test("many principals, accounts and lines are told up to a handful, then counted", () => {
    for (const language of languages) {
      const text = renderReview("text", crowded, { width: 80, language });
      expect(text.split("\n").length).toBeLessThan(70);
      expect(text).not.toContain("user17");
      expect(text).not.toContain(":39 ");
    }
  });
});

describe("Markdown", () => {
  test.each(languages)("%s: every row of a table has as many cells as its head", (language) => {
    for (const review of [...Object.values(samples), hostileReview(hostile)]) {
      const cells = (line: string) => line.replace(/\\\|/g, "").split("|").length;
      let head = 0;
      for (const line of renderReview("markdown", review, { language }).split("\n")) {
        if (!line.startsWith("|")) head = 0;
        else if (head === 0) head = cells(line);
        else expect(cells(line), line).toBe(head);
      }
    }
  });

  test("untrusted text is no markup outside of code", () => {
    const text = renderReview("markdown", hostileReview(hostile))
      .replaceAll("\\`", "")
      .replace(/(`{3,})[\s\S]*?\1/g, "")
      .replace(/`[^`\n]*`/g, "");
    expect(text).not.toContain("<script>");
    expect(text).not.toContain("@you");
  });

  test("has the patch of a remedy, and the exact addresses", () => {
    const markdown = renderReview("markdown", exposing);
    expect(markdown).toContain("```diff\n--- a/sshd_config");
    expect(markdown).toContain("`1.0.0.0/8` `2.0.0.0/7` `2000::/16`");
  });
});

describe("JUnit", () => {
  test.each(Object.entries({ ...samples, hostile: hostileReview(hostile) }))(
    "%s: findings failed, what was refused passed, what is unproven is an error",
    (_, review) => {
      const root = parseXml(renderReview("junit", review));
      const refused =
        review.answers.filter(({ granted }) => !granted).length + review.principals.filter(({ loggedIn }) => !loggedIn).length;
      expect(root.attributes).toMatchObject({
        tests: String(review.findings.length + refused + review.reasons.length),
        failures: String(review.findings.length),
        errors: String(review.reasons.length),
        skipped: "0",
      });
      const names = elements(root, "testcase").map(({ attributes }) => attributes.name);
      expect(new Set(names).size).toBe(names.length);
      for (const scope of [root, ...elements(root, "testsuite")]) {
        expect(Number(scope.attributes.tests)).toBe(elements(scope, "testcase").length);
        expect(Number(scope.attributes.failures)).toBe(elements(scope, "failure").length);
        expect(Number(scope.attributes.errors)).toBe(elements(scope, "error").length);
      }
    },
  );

  test("any config gives XML that a strict parser reads", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => void parseXml(renderReview("junit", hostileReview(text)))),
      { numRuns: 100 },
    );
  });
});

test("TAP: one plan, as many points, numbers in order, YAML that can be read, and a bail-out without a verdict", () => {
  for (const review of [...Object.values(samples), hostileReview(hostile)]) {
    const lines = renderReview("tap", review).trimEnd().split("\n");
    const points = lines.filter((line) => /^(not )?ok /.test(line));
    expect(lines.slice(0, 2)).toEqual(["TAP version 14", `1..${points.length}`]);
    points.forEach((line, index) => {
      expect(line).toMatch(new RegExp(`^(not )?ok ${index + 1} - `));
    });
    expect(points.filter((line) => line.startsWith("not ok")).length).toBe(review.findings.length + review.reasons.length);
    const blocks = lines.join("\n").match(/^ {2}---\n[\s\S]*?^ {2}\.\.\.$/gm) ?? [];
    expect(blocks.length).toBe(review.findings.length);
    for (const block of blocks) expect(parse(block.split("\n").slice(1, -1).join("\n"))).toHaveProperty("allowedBy");
    expect(lines.at(-1)?.startsWith("Bail out!")).toBe(review.outcome === "inconclusive");
  }
});

describe("SARIF", () => {
  const run = (review: Review) => JSON.parse(renderReview("sarif", review)).runs[0];

  test("one result for each finding, with a stable rule, the line that lets it first, and a fingerprint of its own", () => {
    const { results, tool } = run(exposing);
    expect(results.map(({ ruleId, level }: { ruleId: string; level: string }) => `${ruleId} ${level}`)).toEqual([
      "listener-internet error",
      "listener-networks error",
      "listener-lan warning",
      "x11-lan warning",
      "listener-server note",
      "socket-server note",
      "tunnel-account note",
      "target-account note",
      "agent-account note",
      "settings-account note",
    ]);
    for (const one of results) {
      const rule = tool.driver.rules[one.ruleIndex];
      expect(rule.id).toBe(one.ruleId);
      expect(rule.defaultConfiguration.level).toBe(one.level);
      expect(rule.properties["security-severity"]).toMatch(/^\d\.0$/);
    }
    const [first] = results;
    const place = (line: number, uri: string) => ({ artifactLocation: { uri }, region: { startLine: line } });
    expect(first.locations.length).toBe(1);
    expect(first.locations[0].physicalLocation).toEqual(place(8, "site/sshd_config"));
    expect(first.relatedLocations[0].physicalLocation).toEqual(place(8, "site/fw.nft"));
    const prints = new Set(
      results.map(
        ({ partialFingerprints }: { partialFingerprints: Record<string, string> }) => partialFingerprints.primaryLocationLineHash,
      ),
    );
    expect(prints.size).toBe(results.length);
  });

  test("the fingerprint is that of the finding, whatever its sentence says now", () => {
    const [before] = run(exposing).results;
    const grown = { ...exposing, findings: exposing.findings.map((each) => ({ ...each, accounts: [...each.accounts, "zoe"] })) };
    const [after] = run(grown).results;
    expect(after.message).not.toEqual(before.message);
    expect(after.partialFingerprints).toEqual(before.partialFingerprints);
  });

  test("says when the review itself gave no verdict", () => {
    expect(run(closed).invocations[0]).toMatchObject({ executionSuccessful: true, toolExecutionNotifications: [] });
    expect(run(closed).results).toEqual([]);
    expect(run(unsure).invocations[0].executionSuccessful).toBe(false);
    expect(run(unsure).invocations[0].toolExecutionNotifications.length).toBe(unsure.reasons.length + unsure.warnings.length);
  });
});

test("GitLab code quality: what GitLab demands of each entry", () => {
  const entries = JSON.parse(renderReview("gitlab", exposing)) as Record<string, unknown>[];
  expect(entries.map(({ severity }) => severity)).toEqual([
    "critical",
    ...["major", "major", "major"],
    ...["minor", "minor"],
    ...["info", "info", "info", "info"],
    "info",
  ]);
  expect(new Set(entries.map((entry) => entry.fingerprint)).size).toBe(entries.length);
  for (const entry of entries)
    expect(entry).toMatchObject({
      description: expect.any(String),
      check_name: expect.stringMatching(/^forwardlab\/[a-z0-9-]+$/),
      location: { path: expect.stringMatching(/^[^./]/), lines: { begin: expect.any(Number) } },
    });
  expect(JSON.parse(renderReview("gitlab", closed))).toEqual([]);
});

describe("GitHub Actions", () => {
  test("annotations stand at the first line that lets somebody in, by who gets in", () => {
    const lines = renderReview("github", exposing).split("\n");
    expect(lines[0]).toMatch(
      /^::error file=site\/sshd_config,line=8,title=A port that an account can open%2C reachable from the internet::tunnel can open ports 8000-8100 /,
    );
    const levels = lines.map((line) => /^::([a-z]+) /.exec(line)?.[1]).filter((level) => level !== undefined);
    expect(levels).toEqual([...["error", "error"], ...["warning", "warning", "warning"], ...Array(6).fill("notice")]);
  });

  test("a finding without any line of a file stands at the config", () => {
    const [bare] = exposing.findings.filter(({ audience }) => audience === "server");
    const report = renderReview("github", { ...exposing, findings: bare ? [bare] : [] });
    expect(report).toContain("::notice file=site/sshd_config,line=1,");
  });

  test("at most ten of a level, the last says how many more", () => {
    const many = { ...exposing, findings: Array.from({ length: 40 }, () => exposing.findings[0] as Review["findings"][0]) };
    const errors = renderReview("github", many)
      .split("\n")
      .filter((line) => line.startsWith("::error"));
    expect(errors.length).toBe(10);
    expect(errors.at(-1)).toContain("31 more");
  });

  test("summary and outputs", () => {
    expect(githubReviewSummary(exposing)).toBe(renderReview("markdown", exposing));
    expect(githubReviewOutputs(exposing)).toBe("outcome=complete\nfindings=10\ninternet=1\nnetworks=1\nlan=2\nserver=2\naccount=4\n");
  });
});

describe("places in files", () => {
  const at = (subject: string, configs: string[], file: string) => {
    const [first] = exposing.findings;
    const review: Review = {
      ...exposing,
      subject,
      provenance: { ...exposing.provenance, configs: configs.map((each) => ({ file: each, sha256: "00" })) },
      findings: first ? [{ ...first, decidedBy: first.decidedBy.map((cause) => ({ ...cause, file })) }] : [],
    };
    return /file=([^,]*),/.exec(renderReview("github", review))?.[1];
  };

  test.each([
    { subject: "site/sshd_config", configs: ["site/sshd_config"], file: "site/sshd_config", seen: "site/sshd_config" },
    {
      subject: "./site/etc/ssh",
      configs: ["site/etc/ssh/sshd_config"],
      file: "site/etc/ssh/sshd_config",
      seen: "site/etc/ssh/sshd_config",
    },
    { subject: ".", configs: ["sshd_config"], file: "sshd_config", seen: "sshd_config" },
    { subject: "site/policy.yaml", configs: ["policy.yaml", "sshd_config"], file: "sshd_config", seen: "site/sshd_config" },
    { subject: "site", configs: ["policy.yaml", "sshd_config"], file: "sshd_config", seen: "site/sshd_config" },
  ])("$subject", ({ subject, configs, file, seen }) => {
    expect(at(subject, configs, file)).toBe(seen);
  });
});

describe("the words", () => {
  test("every language has a word for everything", () => {
    const kinds = (words: object): unknown =>
      Object.entries(words)
        .map(([name, word]): [string, unknown] => [name, typeof word === "object" ? kinds(word) : typeof word])
        .sort(([one], [other]) => (one < other ? -1 : 1));
    expect(kinds(reviewWords.ja)).toEqual(kinds(reviewWords.en));
  });

  test("one account, several, many, and all of them", () => {
    const told = (accounts: string[], everybody = false, code = "review-settings-differ") =>
      findingText(
        finding("x", {
          kind: "settings",
          audience: "account",
          code,
          params: { everybody, setting: "GatewayPorts yes", shown: "GatewayPorts no", kinds: ["lan"] },
          accounts,
          ports: "80",
        }),
        "en",
      );
    expect(told(["alice"])).toBe("`sshd -T` shows `GatewayPorts no`, but alice actually gets `GatewayPorts yes`.");
    expect(told(["alice", "bob"])).toContain("but alice and bob actually get ");
    expect(told(["a", "b", "c", "d", "e", "f"])).toContain("but a, b, c, d and 2 more actually get ");
    expect(told(["alice", "bob"], true)).toContain("but every account actually gets ");
    expect(told(["alice", "bob"], true, "review-listener-local")).toMatch(/^Every account can open port 80 /);
    expect(told(["alice"], true, "review-listener-local")).toMatch(/^alice can open port 80 /);
    expect(told(["alice", "bob"], true, "review-target")).toBe("Through the server, every account can reach hosts on its LAN.");
  });

  test("a code without words must not reach a report", () => {
    for (const language of languages)
      for (const code of ["no-such-code", "toString"])
        expect(() => findingText(finding("x", { kind: "agent", audience: "account", code }), language)).toThrow(code);
  });

  test("who reaches it: whole families, exceptions, networks, neighbours", () => {
    const family = (number: 4 | 6, rest: boolean, except: string[] = [], only: string[] = []) => ({ family: number, rest, except, only });
    const who = (families: ReturnType<typeof family>[], lan: boolean, language: Language = "en", lans: string[] = []) =>
      visitorsText({ visitors: families.length === 0 ? null : { prefixes: [], families }, lan, lans }, language);
    expect(who([family(4, true), family(6, true)], false)).toBe("anyone on the internet");
    expect(who([family(4, true)], true)).toBe("anyone on the internet over IPv4 and hosts on the server's LAN");
    expect(who([family(4, true, ["10.0.0.0/8"]), family(6, true)], false)).toBe(
      "anyone on the internet over IPv4 (except 10.0.0.0/8) and anyone on the internet over IPv6",
    );
    const only = [family(4, false, [], ["a/1", "b/1", "c/1"]), family(6, false, [], ["d/1", "e/1", "f/1"])];
    expect(who(only, true)).toBe("a/1, b/1, c/1, d/1, 2 more networks and hosts on the server's LAN");
    expect(who(only, true, "ja")).toBe("a/1、b/1、c/1、d/1、ほか 2 件、サーバーの LAN のホスト");
    expect(who([], false)).toBe("processes on the server only");
    expect(who([], true, "en", ["eth1"])).toBe("hosts on the server's LAN (eth1)");
    expect(who([], true, "ja", ["eth0", "eth1"])).toBe("サーバーの LAN（eth0、eth1）のホスト");
  });

  test("at which of the server's addresses, where not at all of a family", () => {
    const at = (address: string, all: boolean, reached: boolean) => ({ address, all, visitors: null, lan: reached, lans: [] });
    const told = (destinations: ReturnType<typeof at>[], language: Language = "en") =>
      findingText(
        finding("x", { kind: "listener", audience: "lan", code: "review-listener-outside", ports: "80", lan: true, destinations }),
        language,
      );
    const whole = "tunnel can open port 80 to hosts on the server's LAN.";
    expect(told([])).toBe(whole);
    expect(told([at("192.0.2.1", true, true), at("192.0.2.2", true, true), at("::1", true, true)])).toBe(whole);
    const one = [at("192.0.2.1", true, true), at("192.0.2.2", false, false), at("::1", true, true)];
    expect(told(one)).toBe("tunnel can open port 80 to hosts on the server's LAN, reached at 192.0.2.1, not at 192.0.2.2.");
    expect(told(one, "ja")).toMatch(/。到達先は 192\.0\.2\.1（192\.0\.2\.2 では到達できません）。$/);
    const mixed = [at("192.0.2.1", true, true), at("192.0.2.2", false, true)];
    expect(told(mixed)).toMatch(/, reached at 192\.0\.2\.1 and 192\.0\.2\.2, not by all of them at each\.$/);
    expect(destinationLines({ destinations: mixed }, "en")).toEqual(mixed.map(({ address }) => `${address}: hosts on the server's LAN`));
    expect(destinationLines({ destinations: one }, "en")).toEqual([]);
  });
});
