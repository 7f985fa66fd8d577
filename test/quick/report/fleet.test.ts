/** Reports of several servers: each format holds what it holds of each server alone, told apart by its name. */
import { describe, expect, test } from "vitest";
import { faultOf } from "../../../harness/core/fault.ts";
import { fleetSchema } from "../../../harness/core/fleet.ts";
import { exitCode } from "../../../harness/core/result.ts";
import { mergeFleets, serverNames } from "../../../harness/judgement/fleet.ts";
import { githubFleetOutputs } from "../../../harness/report/fleet-tests.ts";
import { renderReport, reportFormats } from "../../../harness/report/render.ts";
import { fleetWith, good, hostileFleet, mixed, refused, unknown } from "./fleet-sample.ts";
import { page } from "./sample.ts";
import { elements, parseXml } from "./xml.ts";

const fleets = { good, unknown, mixed, hostile: hostileFleet() };

test("a proven violation comes before what is not known, and that before all is well", () => {
  expect([good, unknown, mixed].map(({ outcome }) => outcome)).toEqual(["pass", "inconclusive", "fail"]);
  expect([good, unknown, mixed].map(exitCode)).toEqual([0, 2, 1]);
  // Nothing was verified: nothing holds.
  expect(fleetWith([]).outcome).toBe("inconclusive");
  for (const fleet of Object.values(fleets)) expect(fleetSchema.parse(fleet)).toEqual(fleet);
});

test.each(["text", "markdown", "github", "tap"])("%s", async (format) => {
  const extension: Record<string, string> = { markdown: "md", tap: "tap" };
  await expect(renderReport(format, mixed, { width: 80 })).toMatchFileSnapshot(`golden/fleet-${format}.${extension[format] ?? "txt"}`);
});

test.each([
  ["text", "txt"],
  ["markdown", "md"],
])("%s in Japanese, errors of servers included", async (format, extension) => {
  const fault = faultOf("sshd-refuses", { said: "Bad configuration option: GatewayPort" });
  const servers = mixed.servers.map((each) => ({ ...each, error: each.error && { ...each.error, fault } }));
  const report = renderReport(format, fleetSchema.parse({ ...mixed, servers }), { width: 80, language: "ja" });
  await expect(report).toMatchFileSnapshot(`golden/fleet-${format}.ja.${extension}`);
  expect(report).toContain("台のうち");
  expect(report).not.toMatch(/no result|expectations|to do: /);
});

test.each(reportFormats)("%s names every server that is not as it should be", (format) => {
  const report = renderReport(format, mixed, { page });
  for (const name of ["servers/b", "servers/b2", "servers/mail"]) expect(report.replaceAll("\\", "")).toContain(name);
});

test.each(Object.entries(fleets))(
  "JUnit of %s: one case per expectation, one per server without result, all names different",
  (_, fleet) => {
    const root = parseXml(renderReport("junit", fleet));
    const cases = elements(root, "testcase");
    const { held, violated, waived, inconclusive } = fleet.counts;
    const lost = fleet.servers.filter(({ result }) => result === null).length;
    const failedRuns = fleet.servers.filter(({ result }) => result?.outcome === "inconclusive" && result.counts.inconclusive === 0).length;
    expect(cases.length).toBe(held + violated + waived + inconclusive + lost + failedRuns);
    expect(new Set(cases.map((one) => one.attributes.name)).size).toBe(cases.length);
    const red = elements(root, "failure").length + elements(root, "error").length;
    expect(red > 0).toBe(fleet.outcome !== "pass");
  },
);

test.each(Object.entries(fleets))("TAP of %s: as many points as planned; what bails out has no verdict", (_, fleet) => {
  const lines = renderReport("tap", fleet).trimEnd().split("\n");
  const points = lines.filter((line) => /^(not )?ok /.test(line));
  expect(lines[1]).toBe(`1..${points.length}`);
  expect(points.some((line) => line.startsWith("not ok") && !line.includes("# TODO"))).toBe(fleet.outcome !== "pass");
  expect(lines.at(-1)?.startsWith("Bail out!")).toBe(fleet.outcome === "inconclusive");
});

describe("two servers with the same violation", () => {
  test("SARIF: one run, each with a fingerprint of its own, in its own file", () => {
    const { runs } = JSON.parse(renderReport("sarif", mixed));
    expect(runs.length).toBe(1);
    const { results, invocations } = runs[0];
    expect(results.length).toBe(2 * (mixed.servers[1]?.result?.counts.violated ?? 0));
    const prints = results.map((one: { partialFingerprints: Record<string, string> }) => Object.values(one.partialFingerprints)[0]);
    expect(new Set(prints).size).toBe(results.length);
    // The same server alone or among others: the same finding.
    const shuffled = JSON.parse(renderReport("sarif", fleetWith([...mixed.servers].reverse())));
    const again = shuffled.runs[0].results.map((one: { partialFingerprints: object }) => Object.values(one.partialFingerprints)[0]);
    expect(again.sort()).toEqual(prints.sort());
    expect(invocations[0].executionSuccessful).toBe(false);
    expect(JSON.stringify(invocations)).toContain("GatewayPort");
  });

  test("GitLab: no two entries are taken for one", () => {
    const entries = JSON.parse(renderReport("gitlab", mixed)) as {
      fingerprint: string;
      location: { path: string; lines: { begin: number } };
    }[];
    expect(new Set(entries.map(({ fingerprint }) => fingerprint)).size).toBe(entries.length);
    // What sshd refused stands at the line that it names.
    expect(entries.map(({ location }) => `${location.path}:${location.lines.begin}`)).toContain("servers/mail/etc/ssh/sshd_config:10");
  });
});

test("GitHub: what a server prints gives no command", () => {
  const lines = renderReport("github", hostileFleet()).split("\n");
  const begin = lines.findIndex((line) => line.startsWith("::stop-commands::"));
  const token = lines[begin]?.slice("::stop-commands::".length);
  expect(lines.lastIndexOf(`::${token}::`)).toBeGreaterThan(begin);
  for (const line of lines.slice(0, begin)) if (line.startsWith("::")) expect(line).toMatch(/^::(error|warning|notice) (file|title)=/);
  expect(githubFleetOutputs(mixed)).toContain("servers=4\nfailed=3\n");
});

test("servers are called by their folders, where those tell them apart", () => {
  expect(serverNames(["a/policy.yaml", "b/policy.yaml", "b/other.yaml"])).toEqual(["a", "b", "b/other.yaml"]);
  expect(serverNames(["a/policy.yaml", "a/policy.yml"])).toEqual(["a/policy.yaml", "a/policy.yml"]);
});

describe("merge", () => {
  const part = (index: number) => ({
    name: `${index}.json`,
    fleet: { ...mixed, servers: mixed.servers.filter((_, at) => at % 2 === index - 1), shard: { index, count: 2 } },
  });

  test("all parts give the whole", () => {
    const whole = mergeFleets([part(2), part(1)]);
    expect(whole).toEqual({ ...mixed, durationMs: 8400, labs: 4 });
    expect(whole).not.toHaveProperty("shard");
  });

  test("a part that is missing, given twice or of another run is an error", () => {
    expect(() => mergeFleets([part(1)])).toThrow("the parts do not make the fleet together");
    expect(() => mergeFleets([part(1), part(2), part(2)])).toThrow("the parts do not make the fleet together");
    expect(() => mergeFleets([part(1), { name: "x.json", fleet: fleetWith([refused]) }])).toThrow("x.json is of another run than 1.json");
  });
});
