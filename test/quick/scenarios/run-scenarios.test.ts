import { execFile } from "node:child_process";
import { expect, test } from "vitest";
import { type Listed, listText, type Verdict, verdictText } from "../../../harness/cli/run-scenarios.ts";
import { choose } from "../../../harness/learn/scenario-files.ts";
import { topics } from "../../../harness/learn/topics.ts";
import { root } from "../house/imports.ts";

const scenario = (name: string, topic: Listed["topic"]): Listed => ({
  name,
  topic,
  file: `/repo/scenarios/${name}.scenario.ts`,
  title: { en: `${name} is so`, ja: `${name} です` },
});
const all = [scenario("colon", "remote"), scenario("cut", "lifetime"), scenario("star", "remote")];

test.for([
  [["remote"], ["colon", "star"]],
  [["star"], ["star"]],
  [["scenarios/cut.scenario.ts"], ["cut"]],
  [["./scenarios/cut"], ["cut"]],
  [["/repo/scenarios"], ["colon", "cut", "star"]],
  [
    ["star", "lifetime", "star"],
    ["cut", "star"],
  ],
  [[], ["colon", "cut", "star"]],
])("%j names %j", ([wanted, names]) => {
  expect(choose(all, wanted as string[], "/repo").map(({ name }) => name)).toEqual(names);
});

test("a word that names none is an error, also beside one that does", () => {
  expect(() => choose(all, ["star", "sta"], "/repo")).toThrow("no scenario is called sta");
});

test("by topic, in the order of the topics", () => {
  expect(plain(listText(all, "ja"))).toBe(
    "リモート転送 (-R)  remote\n  colon  colon です\n  star   star です\n\n転送の寿命  lifetime\n  cut    cut です",
  );
});

test("each with its verdict, in words; what does not hold says why", () => {
  const verdicts = new Map<string, Verdict>([
    ["/repo/scenarios/colon.scenario.ts", { held: true }],
    ["/repo/scenarios/cut.scenario.ts", { held: false, why: ["control\nExpected  refused\n"] }],
  ]);
  expect(plain(verdictText(all, verdicts, "en", "/repo"))).toBe(
    [
      "Remote forwards (-R)",
      "  ✔ holds  colon is so",
      "  ? not known  star is so",
      "      scenarios/star.scenario.ts",
      "",
      "How long a forward lives",
      "  ✘ does not hold  cut is so",
      "      scenarios/cut.scenario.ts",
      "      | control",
      "      | Expected  refused",
      "",
      "1 of 3 claims hold",
    ].join("\n"),
  );
});

test("what the server's OpenSSH cannot show counts neither way", () => {
  const verdicts = new Map<string, Verdict>([
    ["/repo/scenarios/colon.scenario.ts", { held: true }],
    ["/repo/scenarios/star.scenario.ts", { held: "tooOld", since: "9.2" }],
  ]);
  expect(plain(verdictText([all[0], all[2]] as Listed[], verdicts, "en", "/repo"))).toBe(
    ["Remote forwards (-R)", "  ✔ holds  colon is so", "  – needs OpenSSH 9.2  star is so", "", "1 of 1 claims hold"].join("\n"),
  );
});

test("nothing that could be looked at is no success, and one server is enough", async () => {
  expect(await forwardlab("run", "--openssh", "8.4", "channel-timeout")).toMatchObject({
    code: 2,
    stdout: expect.stringContaining("needs OpenSSH 9.2"),
  });
  expect(await forwardlab("run", "--openssh", "7.1")).toMatchObject({ code: 2, stdout: "" });
  expect(await forwardlab("run", "--openssh", "9.2", "--image", "debian")).toMatchObject({ code: 2, stdout: "" });
}, 60_000);

test("the command lists all of them, and knows when it does not know", async () => {
  const list = await forwardlab("run", "--list");
  expect(list.code).toBe(0);
  for (const { en } of [topics.remote, topics.lifetime]) expect(list.stdout).toContain(en);
  expect(await forwardlab("run", "--list", "no-such")).toMatchObject({ code: 2, stdout: "" });
  expect(await forwardlab("run", "--lang", "fr")).toMatchObject({ code: 2, stdout: "" });
}, 60_000);

function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  return text.replace(/\x1b\[\d+m/g, "");
}

function forwardlab(...args: string[]): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ["harness/cli/main.ts", ...args], { cwd: root, timeout: 30_000 }, (_, stdout) =>
      resolve({ code: child.exitCode ?? -1, stdout }),
    );
  });
}
