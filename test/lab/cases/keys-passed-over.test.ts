/** A line of authorized_keys that sshd passes over: the option is named, and what to do about it. */
import { expect, test } from "vitest";
import { UserError } from "../../../harness/core/errors.ts";
import { verifyFiles } from "./verify-files.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDngggWsEbdcJF0xiiHcSZ5rzVi+4YkOrpZOvcyqaMhO";
const policy = (expected: string) => `server: { sshd_config: sshd_config, accounts: { alice: { authorized_keys: keys } } }
forwards:
  rdp: { as: alice, ssh: "-R 43234:localhost:3389", ${expected} }
`;
const run = (keys: string, expected = "reachable_from: [server]") =>
  verifyFiles({ sshd_config: "GatewayPorts no\n", keys: `${keys}\n`, "policy.yaml": policy(expected) });

async function fault(keys: string): Promise<UserError> {
  const error = await run(keys).catch((cause: unknown) => cause);
  if (!(error instanceof UserError)) throw new Error("no UserError", { cause: error });
  return error;
}

test.each([
  ["from", 'from="10.0.0.0/8"', /not from a permitted host/, /^correct `from=`/],
  ["expiry-time", 'expiry-time="20240101"', /Refused by key options \(the key has expired\)$/, /^renew `expiry-time`/],
])("%s", async (_, options, message, todo) => {
  const error = await fault(`${options} ${key} alice`);
  expect(error).toMatchObject({ code: "ssh-login", place: { file: "keys", line: 1 } });
  expect(error.message).toMatch(message);
  expect(error.todo).toMatch(todo);
  expect(error.log).not.toContain("debug1");

  const refused = await run(`${options} ${key} alice`, "refused_by_server: true");
  expect(refused.outcome).toBe("pass");
  expect(refused.forwards[0]?.decidedBy?.text).toContain(`because of \`${options}\``);
});

test("options that let the client in are no obstacle", async () => {
  expect((await run(`from="203.0.113.7",expiry-time="20990101" ${key} alice`)).outcome).toBe("pass");
});

test("a line that sshd cannot read: its option is named", async () => {
  const error = await fault(`restrict,permitopen="none" ${key} alice`);
  expect(error).toMatchObject({ code: "ssh-login", place: { file: "keys", line: 1 }, todo: "correct this line" });
  expect(error.found).toBe("0 usable keys; sshd ignores keys:1");
  expect(error.log).toContain('bad option permitopen="none"');
});

test("one key on two lines: a warning that the lab tells them apart, and sshd does not", async () => {
  const { warningDetails } = await run(`${key} alice\nrestrict ${key} alice`);
  expect(warningDetails).toContainEqual(expect.objectContaining({ code: "key-repeated", params: { first: "keys:1", others: 0 }, line: 2 }));
});

test("the same key again: sshd goes on to that line, so the first one alone is no refusal", async () => {
  const keys = `from="10.0.0.0/8" ${key} alice\n${key} alice`;
  const asked = run(keys, "refused_by_server: true").catch((cause: unknown) => cause);
  expect(await asked).toMatchObject({ code: "ssh-login", todo: expect.stringMatching(/^keys:2 has the same key, .*`key: 2`/) });
  const second = await run(keys, "key: 2, reachable_from: [server]");
  expect(second.outcome).toBe("pass");
  // The control: another key there.
  const other = `from="10.0.0.0/8" ${key} alice\n${key.replace("WsEbdc", "WtEbdc")} alice`;
  expect((await run(other, "refused_by_server: true")).outcome).toBe("pass");
});
