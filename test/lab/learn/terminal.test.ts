/** A lesson without a browser: by a learner who is right, by one who is wrong, and by one who says nothing. */
import { expect, test } from "vitest";
import { cli, folderOf } from "../../quick/cli/run-cli.ts";

test("predictions are held against what was seen, and what was done is kept", async () => {
  await using state = await folderOf({});
  const env = { XDG_STATE_HOME: state.path };
  const typed = "server, campus other-lan internet\nsrever\nserver internet\n";
  const { code, stdout, stderr } = await cli(["learn", "--terminal", "leading-colon"], env, typed);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  inOrder(stdout, [
    "What does the colon in",
    "home$ ssh -R :43234:localhost:3389 tunnel@server",
    "Who gets in?",
    "server listens on 0.0.0.0:43234 and [::]:43234",
    "other-lan  ✔ gets in",
    "✔ internet: as you predicted",
    "4 of 4 right",
    "With the colon, everyone gets in",
    "The counter-example",
    "home$ ssh -R 43234:localhost:3389 tunnel@server",
    "There is no host srever here",
    "✘ is kept out (refused)",
    "bind-address",
    "internet   ✘ is kept out (refused)",
    "for the same reason",
    "✔ server: as you predicted",
    "✘ internet does not get in: you predicted that it does",
    "3 of 4 right",
    "✔ With GatewayPorts clientspecified, a leading colon opens the port to everyone",
  ]);
  expect(stdout.match(/^ {13}bind-address /gm)).toHaveLength(1);
  const { stdout: course } = await cli(["learn", "--terminal", "--lang", "ja"], env);
  expect(course).toMatch(/✔ +3 +leading-colon .*8 件中 7 件が正解/);
  expect(course).toMatch(/· +4 +gatewayports-no /);
});

test("nobody types anything: the lesson goes on to its end", async () => {
  await using state = await folderOf({});
  const { code, stdout } = await cli(["learn", "--terminal", "firewall-right", "--lang", "ja"], { XDG_STATE_HOME: state.path });
  expect(code).toBe(0);
  expect(stdout).toContain("server-firewall  firewall:4  server のファイアウォールがパケットを破棄します");
  expect(stdout).toContain("サーバーにファイアウォールはありません");
  expect(stdout).not.toContain("正解");
});

function inOrder(text: string, parts: readonly string[]): void {
  let at = 0;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    expect(found, `${part}, in ${text.slice(at)}`).toBeGreaterThanOrEqual(0);
    at = found;
  }
}
