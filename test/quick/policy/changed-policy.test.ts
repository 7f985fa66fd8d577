import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadChangedPolicy } from "../../../harness/pipelines/changed-policy.ts";
import { loadPolicy } from "../../../harness/policy/load-policy.ts";

const root = mkdtempSync(join(tmpdir(), "changed-policy-"));
afterAll(() => rmSync(root, { recursive: true }));

const files = {
  "policy/policy.yaml":
    "server: { sshd_config: ssh, firewall: ../shared/rules.nft }\nforwards:\n  rdp: { ssh: '-R :43234:localhost:3389', reachable_from: [] }\n",
  "policy/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nGatewayPorts no\n",
  "policy/ssh/sshd_config.d/10-tunnel.conf": "GatewayPorts clientspecified\n",
  "shared/rules.nft": "table inet filter {\n  chain input {\n    type filter hook input priority 0; policy accept;\n  }\n}\n",
};
const policyWith = (copies: string) => `server: { sshd_config: ssh, files: ${copies} }\nforwards: {}\n`;
for (const [file, text] of Object.entries(files)) {
  mkdirSync(join(root, file, ".."), { recursive: true });
  writeFileSync(join(root, file), text);
}

test("what a policy reads can be changed without touching the user's files", async () => {
  const loaded = await loadPolicy(join(root, "policy"), { allow: [root] });
  const texts = Object.fromEntries(loaded.inputs.files.map(({ display, content }) => [display, content.toString()]));
  expect(Object.keys(texts).sort()).toEqual(["../shared/rules.nft", "policy.yaml", "ssh/sshd_config", "ssh/sshd_config.d/10-tunnel.conf"]);

  const same = await loadChangedPolicy(texts, "policy.yaml");
  expect(same.inputs.files).toEqual(loaded.inputs.files);

  const changed = await loadChangedPolicy(
    {
      ...texts,
      "ssh/sshd_config.d/10-tunnel.conf": "GatewayPorts yes\n",
      "../shared/rules.nft": texts["../shared/rules.nft"]?.replace("policy accept", "policy drop") ?? "",
    },
    "policy.yaml",
  );
  expect(changed.inputs.sshdConfig.lines.filter(({ keyword }) => keyword === "gatewayports").map(({ args }) => args)).toEqual([
    ["yes"],
    ["no"],
  ]);
  expect(JSON.stringify(changed.inputs.firewall?.rules)).not.toEqual(JSON.stringify(undefined));
  expect(readFileSync(join(root, "shared/rules.nft"), "utf8")).toBe(files["shared/rules.nft"]);
});

test("a copy of which nothing is read is no obstacle, be it a folder or a file", async () => {
  const copies = { "copies/policy.yaml": policyWith("{ /opt: ../opt, /etc/motd: motd }"), "copies/ssh/sshd_config": "GatewayPorts no\n" };
  for (const [file, text] of Object.entries({ ...copies, "opt/tool": "", "copies/motd": "" })) {
    mkdirSync(join(root, file, ".."), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  const loaded = await loadPolicy(join(root, "copies"), { allow: [root] });
  const texts = Object.fromEntries(loaded.inputs.files.map(({ display, content }) => [display, content.toString()]));
  expect(Object.keys(texts)).toEqual(["policy.yaml", "ssh/sshd_config"]);
  expect((await loadChangedPolicy(texts, "policy.yaml")).inputs.files).toEqual(loaded.inputs.files);
});

test("a change that the policy's checks refuse is an error", async () => {
  const loaded = await loadPolicy(join(root, "policy"), { allow: [root] });
  const texts = Object.fromEntries(loaded.inputs.files.map(({ display, content }) => [display, content.toString()]));
  await expect(loadChangedPolicy({ ...texts, "../shared/rules.nft": "not a firewall\n" }, "policy.yaml")).rejects.toMatchObject({
    code: "firewall-file",
  });
});
