import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadPolicy } from "../../../harness/policy/load-policy.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "forwardlab-logins-"));
  await writeFile(join(folder, "sshd_config"), "");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFPhFckWagB0Amn7A0xkwDFhBKHQwYn7EpIcS2CAdxTt";

/** Where the warning stands, and what it names, for these lines of authorized_keys. */
async function told(lines: readonly string[], forwards: readonly string[] = [""]) {
  await writeFile(join(folder, "keys"), lines.map((line) => `${line}\n`).join(""));
  const entries = forwards.map((more, at) => `  f${at}: { ssh: "-R 808${at}:localhost:80", reachable_from: []${more} }\n`);
  const server = "server: { sshd_config: sshd_config, accounts: { tunnel: { authorized_keys: keys } } }\n";
  await writeFile(join(folder, "policy.yaml"), `${server}forwards:\n${entries.join("")}`);
  const { inputs } = await loadPolicy(join(folder, "policy.yaml"));
  return inputs.warnings.flatMap(({ code, params, file, line }) => (code === "logins-untested" ? [[`${file}:${line}`, params]] : []));
}

const limited = `restrict,port-forwarding,permitlisten="8080" ${key} one`;

test("a line that lets be forwarded what those in use do not", async () => {
  expect(await told([limited, `${key} two`])).toEqual([["keys:2", { account: "tunnel", name: "two", others: 0 }]]);
  expect(await told([limited, `${key} two`, `permitopen="db:5432" ${key}`])).toEqual([
    ["keys:2", { account: "tunnel", name: "two", others: 1 }],
  ]);
  expect(await told([limited, `${key} two`], [", key: two"])).toEqual([["keys:1", { account: "tunnel", name: "one", others: 0 }]]);
});

test("nothing of lines that are in use, that allow the same, or that allow nothing", async () => {
  expect(await told([limited])).toEqual([]);
  expect(await told([limited, `${key} two`], ["", ", key: two"])).toEqual([]);
  expect(await told([limited, `no-pty,permitlisten="8080",restrict,port-forwarding ${key} two`])).toEqual([]);
  expect(await told([limited, `restrict ${key} two`, `no-port-forwarding ${key} three`])).toEqual([]);
});
