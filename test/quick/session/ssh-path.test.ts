import { expect, test } from "vitest";
import type { ProbeResult } from "../../../harness/core/verdict.ts";
import type { Prober } from "../../../harness/probe/probe.ts";
import { requireSshPath } from "../../../harness/session/login-route.ts";

/** What a probe of sshd finds, and how long it may take for that. */
function look(found: Partial<ProbeResult>, patienceMs?: number, explain?: () => void) {
  const asked: (number | undefined)[] = [];
  const probe: Prober["probe"] = async ({ deadlineMs }) => {
    asked.push(deadlineMs);
    return { verdict: "inconclusive", target: "198.51.100.10:22", evidence: {}, ...found } as ProbeResult;
  };
  const to = { from: "home", host: "server", address: "198.51.100.10", port: 22, fresh: false, ...(explain ? { explain } : {}) };
  const answer = requireSshPath({ probe } as Prober, patienceMs === undefined ? to : { ...to, patienceMs });
  return { asked, answer };
}

const silent: Partial<ProbeResult> = { evidence: { connect: "connected", note: "accepted, then neither answered nor closed" } };

test("an sshd that takes its time is no firewall: ssh waits for it", async () => {
  await expect(look(silent).answer).resolves.toBeUndefined();
});

test("where no ssh waits, it is given time, and then called silent, not filtered", async () => {
  const { asked, answer } = look(silent, 20_000);
  await expect(answer).rejects.toMatchObject({ code: "ssh-silent", found: "accepted, then neither answered nor closed" });
  expect(asked).toEqual([20_000]);
});

test("a rule that stops its packets does so either way", async () => {
  const decision = { at: "server", rule: "tcp dport 22 drop", action: "drop", file: "edge.nft", line: 4 } as ProbeResult["decision"];
  for (const patience of [undefined, 20_000])
    await expect(look({ verdict: "filtered", ...(decision ? { decision } : {}) }, patience).answer).rejects.toMatchObject({
      code: "ssh-filtered",
      place: { file: "edge.nft", line: 4 },
    });
});

test("what explains why the server's own rules stop it is told instead; another host's rules are none of its", async () => {
  const explain = () => {
    throw new Error("a rule accepts port 22 on wan0");
  };
  const drop = (at: string) => ({ at, rule: "tcp dport 22 drop", action: "drop" }) as NonNullable<ProbeResult["decision"]>;
  const stopped = (at: string) => look({ verdict: "filtered", decision: drop(at) }, undefined, explain).answer;
  await expect(stopped("server")).rejects.toThrow("a rule accepts port 22 on wan0");
  await expect(stopped("home")).rejects.toMatchObject({ code: "ssh-filtered" });
  await expect(look({ verdict: "reached" }, undefined, explain).answer).resolves.toBeUndefined();
});
