/** The forwards that `init` asks for: names that a policy allows, and what the server's lists permit. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { draftForwards } from "../../../harness/pipelines/draft-forwards.ts";
import { listedListeners } from "../../../harness/pipelines/listed-listeners.ts";
import { loadPolicy } from "../../../harness/policy/load-policy.ts";
import { name as policyName } from "../../../harness/policy/schema-values.ts";
import { folderOf } from "../cli/run-cli.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0p9FM0iGzQGXnGqHwn4ZGKHW2fFUYVWQfD1mVdRYMC";

test("every account gives names that a policy allows, each another", () => {
  const accounts = ["alice", "john.doe", "john_doe", "Svc_Backup", "_apt", "___", "_", `a${"b".repeat(31)}`, `a${"b".repeat(30)}c`, "x9-"];
  const names = draftForwards(accounts, []).map(({ name }) => name);
  for (const name of names) expect({ name, ok: policyName.safeParse(name).success }).toEqual({ name, ok: true });
  expect(new Set(names).size).toBe(accounts.length * 5);
  expect(names).toEqual(expect.arrayContaining(["alice-remote-all", "john-doe-remote-all", "john-doe-2-remote-all", "account-dynamic"]));
  expect(draftForwards(["tunnels-member"], []).map(({ name }) => name)[0]).toBe("tunnels-member-remote-all");
});

test("without an account, and with forwards of one's own, the names stay", () => {
  expect(draftForwards([], []).map(({ name }) => name)).toEqual(["remote-all", "remote", "remote-socks", "local", "dynamic"]);
  expect(draftForwards(["dev.ops"], ["-R 1:a:1", "-D 2"])).toEqual([
    { name: "dev-ops-forward-1", ssh: "-R 1:a:1", as: "dev.ops", what: "As asked for." },
    { name: "dev-ops-forward-2", ssh: "-D 2", as: "dev.ops", what: "As asked for." },
  ]);
});

test("what lists permit is asked for, and no other forward has its port", async () => {
  await using folder = await folderOf({
    sshd_config:
      "Match Group ops\n  PermitListen 43234 localhost:8080 [::1]:8081 10.0.0.*:8082 *:*\nMatch User bob\n  PermitListen 8080 8090\nMatch User dan\n  PermitListen none\n",
    bob: `permitlisten="8090",permitlisten="9999" ${key}\n`,
    "policy.yaml": JSON.stringify({
      server: {
        sshd_config: "sshd_config",
        accounts: { alice: { groups: ["ops"] }, bob: { authorized_keys: "bob" }, carol: {}, dan: {} },
      },
      forwards: {},
    }),
  });
  const listed = listedListeners(await loadPolicy(join(folder.path, "policy.yaml")));
  expect(listed).toEqual({
    alice: [
      { bind: "", port: 43_234 },
      { bind: "localhost", port: 8080 },
      { bind: "::1", port: 8081 },
      { bind: "10.0.0.x", port: 8082 },
    ],
    bob: [{ bind: "", port: 8090 }],
    carol: [],
    dan: [],
  });
  const forwards = draftForwards(["alice", "carol"], [], listed);
  expect(forwards.slice(5, 9).map(({ ssh }) => ssh)).toEqual([
    "-R :43234:localhost:3389",
    "-R 8080:localhost:3389",
    "-R [::1]:8081:localhost:3389",
    "-R 10.0.0.x:8082:localhost:3389",
  ]);
  expect(forwards.filter(({ ssh }) => ssh.includes("43234"))).toHaveLength(1);
  expect(forwards.map(({ name }) => name)).toContain("carol-dynamic");
  expect(forwards).toHaveLength(14);
});
