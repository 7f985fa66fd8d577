/** A copy of /etc/ufw means what ufw makes of it: the real one's rules, and the lab's. */
import { join } from "node:path";
import { outputOfTool } from "../../harness/lab/tool.ts";
import { expect } from "../../harness/vitest/index.ts";
import { writeFiles } from "../quick/firewall/write-files.ts";
import { test } from "./clientspecified.ts";
import { firewallTool } from "./firewall-tool.ts";

const tool = firewallTool("ufw");

/** What a command prints in a fresh container that may have a firewall, and has no network. */
async function output(command: string): Promise<string> {
  const container = await tool.engine.docker.createContainer({
    Image: tool.image,
    Cmd: ["sh", "-c", command],
    Tty: true,
    HostConfig: { NetworkMode: "none", CapAdd: ["NET_ADMIN"] },
  });
  try {
    await container.start();
    await container.wait();
    return (await container.logs({ stdout: true, stderr: true })).toString().replaceAll("\r", "");
  } finally {
    await container.remove({ force: true });
  }
}

const part = "=====part=====";
const families = ["iptables-nft-save", "ip6tables-nft-save"];

/** Rules and policies; what they have counted is left out. */
function rulesIn(saved: string): string[] {
  return saved
    .split("\n")
    .map((line) => line.replace(/ \[\d+:\d+\]$/, ""))
    .filter((line) => /^[*:-]/.test(line));
}

/** Files of /etc/ufw and /etc/default/ufw after `commands`, and the rules that ufw loads from them at the next start. */
async function realUfw(commands: readonly string[]): Promise<{ files: Record<string, string>; rules: string[][] }> {
  const said =
    await output(`{ ${commands.join(" && ")} && sed -i s/ENABLED=no/ENABLED=yes/ /etc/ufw/ufw.conf && /lib/ufw/ufw-init start; } >/tmp/said 2>&1 || cat /tmp/said
    ${families.map((tool) => `echo ${part}; ${tool}`).join("\n")}
    cd /etc; for file in default/ufw ufw/*.conf ufw/*.rules; do echo ${part}; echo $file; cat $file; done`);
  const [failed = "", four = "", six = "", ...files] = said.split(`${part}\n`);
  expect(failed).toBe("");
  return {
    files: Object.fromEntries(files.map((each) => [each.slice(0, each.indexOf("\n")), each.slice(each.indexOf("\n") + 1)])),
    rules: [four, six].map(rulesIn),
  };
}

test.for([
  {
    name: "a server with its usual rules",
    commands: [
      "ufw allow 22/tcp",
      "ufw limit ssh",
      "ufw allow proto tcp from 198.51.100.0/24 to any port 43234 comment 'the office'",
      "ufw deny from 203.0.113.50",
      "ufw allow in on eth0 to any port 8000:8099 proto tcp",
    ],
  },
  {
    name: "rejecting, with routes and much logging",
    commands: [
      "ufw default reject incoming",
      "ufw default deny outgoing",
      "ufw default allow routed",
      "ufw allow out 53",
      "ufw allow log 443/tcp",
      "ufw route allow in on eth0 out on eth1",
      "ufw logging high",
    ],
  },
  {
    name: "IPv4 alone",
    commands: ["sed -i s/IPV6=yes/IPV6=no/ /etc/default/ufw", "ufw default allow incoming", "ufw default reject outgoing"],
  },
])("$name: the rules are those of the real ufw", async ({ commands, name }, { lab }) => {
  const real = await realUfw(commands);
  const copy = join(tool.folder, name.replaceAll(" ", "-"));
  writeFiles(copy, real.files);
  await lab.use({ firewall: { path: join(copy, "ufw") } });
  const loaded = await Promise.all(families.map((tool) => outputOfTool(lab.forwardLab.lab.fabric, "server", [tool])));
  expect(loaded.map(rulesIn)).toEqual(real.rules);
  expect(loaded.flatMap(rulesIn).length).toBeGreaterThan(40);
});
