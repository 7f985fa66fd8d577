/** A lesson's texts as the lab takes them. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { changedFiles, withServerInput } from "../../../harness/learn/live/server-files.ts";

const sshd = { name: "sshd_config", text: "GatewayPorts yes\n" };
const firewall = { name: "firewall", text: "table inet filter {}\n" };

describe("what the lab takes", () => {
  test("plain texts need no folder", async () => {
    const input = await withServerInput({ files: [sshd, firewall], accounts: ["alice"] }, async (given) => given);
    expect(input).toEqual({ sshd: sshd.text, firewall: firewall.text, accounts: { alice: {} } });
    const dumps = [
      { name: "firewall.v4", text: "four" },
      { name: "firewall.v6", text: "six" },
    ];
    expect(await withServerInput({ files: [sshd, ...dumps], accounts: [] }, async (given) => given.firewall)).toEqual(["four", "six"]);
  });

  test("files with other names stand in a folder while they are needed, and keys keep their name", async () => {
    const files = [
      { name: "etc/ssh/sshd_config", text: "Include sshd_config.d/*.conf\n" },
      { name: "etc/ssh/sshd_config.d/a.conf", text: "PermitListen any\n" },
      { name: "etc/nftables.conf", text: firewall.text },
      { name: "authorized_keys of alice", text: "restrict ssh-ed25519 AAAA\n" },
    ];
    let folder = "";
    await withServerInput({ files, accounts: ["alice"] }, async (input, at) => {
      folder = at;
      expect(input).toEqual({
        sshd: { path: "etc/ssh/sshd_config" },
        firewall: { path: "etc/nftables.conf" },
        accounts: { alice: { authorizedKeys: { path: "authorized_keys of alice" } } },
      });
      expect(await readFile(join(at, "etc/ssh/sshd_config.d/a.conf"), "utf8")).toBe("PermitListen any\n");
      expect(await readFile(join(at, "authorized_keys of alice"), "utf8")).toContain("restrict");
    });
    await expect(readFile(join(folder, "etc/ssh/sshd_config"))).rejects.toThrow("ENOENT");
  });

  test("a name that leads out of the folder is refused", async () => {
    for (const name of ["../firewall.nft", "/etc/nftables.conf"])
      await expect(withServerInput({ files: [{ name, text: "" }], accounts: [] }, async () => undefined)).rejects.toMatchObject({
        code: "lesson-file",
      });
  });
});

describe("files that a learner has changed", () => {
  test("take the place of those of the same name; an empty firewall is none", () => {
    const other = { ...sshd, text: "GatewayPorts no\n" };
    expect(changedFiles([sshd, firewall], [other])).toEqual([other, firewall]);
    expect(changedFiles([sshd], [firewall])).toEqual([sshd, firewall]);
    expect(changedFiles([sshd, firewall], [{ ...firewall, text: "\n" }])).toEqual([sshd]);
  });

  test("one that the server does not have is refused", () => {
    expect(() => changedFiles([sshd], [{ name: "/etc/passwd", text: "" }])).toThrow("no file /etc/passwd");
  });
});
