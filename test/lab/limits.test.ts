/** What a stranger's files run may neither take more than a lab may, nor reach anything outside its host. */
import { expect, test } from "vitest";
import { ForwardLab, sshdConfigFromText } from "../../harness/index.ts";
import { failureOf } from "../../harness/session/failure.ts";
import { equipClient } from "../../harness/ssh/equip-client.ts";
import { leftovers } from "./leftovers.ts";

/** One that grows without end, and leaves the machine alone meanwhile; a real fork bomb goes off in `npm run soak -- hostile`. */
const commands = {
  processes: "sh -c 'while :; do sleep 600 & done'",
  memory: "sh -c 'head -c 4000000000 /dev/zero | tail -c 3900000000 >/dev/null; sleep 600'",
  output: "yes",
};
const found = { processes: /^more than 2048 processes/, memory: /^more than 2048 MiB/, output: /prints without end/ };
const accounts = ["harmless", ...Object.keys(commands)];
const sshd = Object.entries({ harmless: "echo harmless", ...commands })
  .map(([name, command]) => `Match User ${name}\n  ForceCommand ${command}\n`)
  .join("");

const thrown = (work: Promise<unknown>) => work.then(() => undefined, failureOf);

test.for(["processes", "memory", "output"] as const)(
  "a ForceCommand without end (%s) ends the run as an error and leaves nothing",
  async (what) => {
    await using lab = await ForwardLab.start({ sshdConfig: await sshdConfigFromText(sshd), accounts: accounts.map((name) => ({ name })) });
    const { id } = lab.lab;
    const home = lab.lab.host("home");
    await equipClient(home, lab.server, accounts);
    const session = async (account: string) => {
      await using ssh = await home.spawn(["ssh", `${account}@server`]);
      return {
        ...(await ssh.exited),
        said: await home.readFile("/etc/hostname").then(() => ssh.log.filter((line) => line === "harmless")),
      };
    };
    expect(await session("harmless")).toEqual({ code: 0, signal: null, said: ["harmless"] });

    expect(await thrown(session(what))).toMatchObject({ name: "UserError", code: "lab-limit", found: expect.stringMatching(found[what]) });

    // Nothing that is asked afterwards gets an answer that could be taken for a verdict.
    expect(await thrown(session("harmless"))).toMatchObject({ code: "lab-limit" });
    await lab[Symbol.asyncDispose]();
    await expect.poll(() => leftovers(id), { timeout: 20_000, interval: 100 }).toEqual([]);
  },
);

/** What would lead out of a container that has the rights to do it; and, as a control, what sshd needs. */
test("root of a host may do what sshd needs, and neither mounts, nor makes namespaces or devices, nor traces", async () => {
  await using lab = await ForwardLab.start({ sshdConfig: await sshdConfigFromText(""), accounts: [{ name: "alice" }] });
  const status = async (command: string) => (await lab.lab.host("server").run(["sh", "-c", command])).code;
  for (const command of [
    "mount -t tmpfs none /mnt",
    "mount -t cgroup -o memory none /mnt || mount -t cgroup2 none /mnt",
    "unshare --net true",
    "unshare --user true",
    "nsenter --target 1 --net true",
    "mknod /tmp/disk b 8 0",
    "echo 1 > /proc/sys/kernel/sysrq",
    "echo c > /proc/sysrq-trigger",
    "echo -1000 > /proc/self/oom_score_adj",
    "hostname other",
    "date --set @0",
    "chroot / setpriv --no-new-privs --bounding-set +sys_admin true",
  ]) {
    expect([command, await status(command)]).not.toEqual([command, 0]);
  }
  for (const command of ["chown alice /mnt", "chroot / true", "setpriv --reuid alice --clear-groups true", "ip tuntap add tun9 mode tun"]) {
    expect([command, await status(command)]).toEqual([command, 0]);
  }
});
