import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readSshdConfig } from "../../../harness/openssh/sshd-config.ts";
import { GivenFiles } from "../../../harness/policy/given-files.ts";
import { loadSshdConfig, serverTree } from "../../../harness/policy/load-sshd-config.ts";
import { serverCopy } from "../../../harness/policy/server-copy.ts";
import { warningText } from "../../../harness/report/warnings.ts";

async function folderOf(files: Record<string, string>, links: Record<string, string> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "given-files-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of [...Object.entries(files), ...Object.entries(links)]) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    if (name in links) await symlink(content, join(folder, name));
    else await writeFile(join(folder, name), content);
  }
  return folder;
}

async function textAt(files: GivenFiles, path: string): Promise<string> {
  const entry = await files.look(path);
  if (entry.kind === "file") return `${new TextDecoder().decode(entry.content)} (${entry.display})`;
  return entry.kind === "not-given" ? `not given: ${entry.path}${entry.link === undefined ? "" : ` by ${entry.link}`}` : entry.kind;
}

test("a path of the server is looked up in the copy that holds it; the longest one counts", async () => {
  const folder = await folderOf({ "ssh/a": "A", "company/a": "B" });
  const files = new GivenFiles([
    { host: "/etc/ssh", local: join(folder, "ssh"), display: "ssh" },
    { host: "/etc/ssh/extra", local: join(folder, "company"), display: "company" },
    { host: "/etc/ssh/gone", local: undefined, display: "" },
  ]);
  expect(await textAt(files, "/etc/ssh/a")).toBe("A (ssh/a)");
  expect(await textAt(files, "/etc/ssh/extra/a")).toBe("B (company/a)");
  expect(await textAt(files, "/etc/ssh/b")).toBe("missing");
  expect(await textAt(files, "/etc/ssh/gone/x")).toBe("missing");
  expect(await textAt(files, "/etc/sshx/a")).toBe("not given: /etc/sshx/a");
  expect(await files.look("/etc/ssh")).toMatchObject({ kind: "folder", names: ["a"] });
});

test("links lead where they lead on the server: never to a file of this machine", async () => {
  const folder = await folderOf(
    { "ssh/real/a.conf": "A", "company/c": "C", outside: "no" },
    {
      "ssh/absolute": "/etc/ssh/real/a.conf",
      "ssh/relative": "real/../real/a.conf",
      "ssh/folder": "/etc/ssh/real",
      "ssh/mapped": "/opt/company/c",
      "ssh/up": "../../opt/company/c",
      "ssh/hostname": "/etc/hostname",
      "ssh/beside": "../outside",
      "ssh/round": "round",
      "ssh/off": "/dev/null",
      "ssh/zero": "/dev/zero",
      copy: "ssh",
    },
  );
  const files = new GivenFiles([
    { host: "/etc/ssh", local: join(folder, "copy"), display: "ssh" },
    { host: "/opt/company", local: join(folder, "company"), display: "company" },
  ]);
  expect(await textAt(files, "/etc/ssh/absolute")).toBe("A (ssh/real/a.conf)");
  expect(await textAt(files, "/etc/ssh/relative")).toBe("A (ssh/real/a.conf)");
  expect(await textAt(files, "/etc/ssh/folder/a.conf")).toBe("A (ssh/real/a.conf)");
  expect(await textAt(files, "/etc/ssh/mapped")).toBe("C (company/c)");
  expect(await textAt(files, "/etc/ssh/up")).toBe("C (company/c)");
  expect(await textAt(files, "/etc/ssh/hostname")).toBe("not given: /etc/hostname by ssh/hostname");
  expect(await textAt(files, "/etc/ssh/beside")).toBe("not given: /etc/outside by ssh/beside");
  expect(await textAt(files, "/etc/ssh/round")).toBe("missing");
  expect(await textAt(files, "/etc/ssh/off")).toBe(" (ssh/off)");
  expect(await textAt(files, "/etc/ssh/zero")).toBe("not given: /dev/zero by ssh/zero");
});

test("an Include through a link counts as on the server; a link to what is not given is an error", async () => {
  const folder = await folderOf(
    { "ssh/sshd_config": "Include sshd_config.d/*.conf\n", "ssh/pool/open.conf": "GatewayPorts yes\n" },
    { "ssh/sshd_config.d/50.conf": "/etc/ssh/pool/open.conf" },
  );
  expect((await loadSshdConfig(join(folder, "ssh"), "ssh")).lines.map(({ file, args }) => [file, args])).toEqual([
    ["ssh/pool/open.conf", ["yes"]],
  ]);
  await symlink("/srv/ssh/60.conf", join(folder, "ssh/sshd_config.d/60.conf"));
  await expect(loadSshdConfig(join(folder, "ssh"), "ssh")).rejects.toMatchObject({
    code: "sshd-include",
    place: { file: "ssh/sshd_config", line: 1 },
    found: "ssh/sshd_config.d/60.conf, a symbolic link to /srv/ssh/60.conf",
  });
});

test("a setting's file that is a link out of the folder is an error; one elsewhere is not the copy's", async () => {
  const folder = await folderOf(
    { "ssh/sshd_config": "Banner /etc/issue.net\nRevokedKeys /etc/ssh/revoked\n" },
    { "ssh/revoked": "/srv/revoked" },
  );
  await expect(loadSshdConfig(join(folder, "ssh"), "ssh")).rejects.toMatchObject({
    code: "sshd-include",
    place: { file: "ssh/sshd_config", line: 2 },
  });
});

test("files elsewhere on the server are read from where the user has them", async () => {
  const folder = await folderOf({ "ssh/sshd_config": "Include /opt/company/*.conf\nInclude /opt/none/*\n", "company/a.conf": "Port 2\n" });
  const tree = await serverTree(join(folder, "ssh"), "ssh", [
    { host: "/opt/company", local: join(folder, "company"), display: "company" },
    { host: "/opt/none", local: undefined, display: "" },
  ]);
  const config = await readSshdConfig(tree, { display: "ssh" });
  expect(config.lines.map(({ file, keyword }) => `${file} ${keyword}`)).toEqual(["company/a.conf port"]);
  expect(config.warnings.map((each) => warningText(each))).toEqual([
    expect.stringMatching(/^ssh\/sshd_config:2: Include \/opt\/none\/\* matches no file/),
  ]);
});

test("what the system refuses to look at is an error, not missing: the server may have it", async () => {
  // As root, no permission is in the way; a link that leads to itself is.
  const folder = await folderOf({ "ssh/sshd_config": "Include /etc/ssh/keys/*\nGatewayPorts no\n" }, { loop: "loop" });
  const given = [{ host: "/etc/ssh/keys", local: join(folder, "loop"), display: "keys" }];
  const files = new GivenFiles(given);
  for (const path of ["/etc/ssh/keys", "/etc/ssh/keys/alice"])
    await expect(files.look(path)).rejects.toMatchObject({ code: "policy-path", found: expect.stringContaining("ELOOP") });
  const tree = await serverTree(join(folder, "ssh"), "ssh", given);
  await expect(readSshdConfig(tree, { display: "ssh" })).rejects.toMatchObject({ code: "policy-path" });
  const plain = new GivenFiles([{ host: "/etc/ssh", local: join(folder, "ssh"), display: "ssh" }]);
  for (const path of ["/etc/ssh/none", "/etc/ssh/sshd_config/none", `/etc/ssh/${"x".repeat(300)}`])
    expect(await textAt(plain, path)).toBe("missing");
});

test("a copy of /etc whose ssh may not be looked at is an error; one without is no such copy", async () => {
  const shut = await folderOf({ "etc/passwd": "" }, { "etc/ssh": "ssh" });
  await expect(serverCopy(join(shut, "etc"))).rejects.toMatchObject({ code: "policy-path", found: expect.stringContaining("ELOOP") });
  expect(await serverCopy(await folderOf({ "etc/passwd": "" }))).toBeUndefined();
  expect(await serverCopy(join(shut, "etc/ssh"))).toBeUndefined();
});
