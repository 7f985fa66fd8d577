/** The texts that a lesson's server runs, or that a learner has changed -> what the lab takes. Files are named as messages name them. */

import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UserError } from "../../core/errors.ts";
import { faultOf } from "../../core/fault.ts";
import type { EditedFile } from "../../core/lesson.ts";
import { temporaryFolder } from "../../files/temporary-folder.ts";
import type { AccountInput, FirewallInput, ServerInput, SshdInput } from "../../session/server-input.ts";

export interface ServerTexts {
  files: readonly EditedFile[];
  accounts: readonly string[];
}

/** These instead of those of the same name. @throws UserError `lesson-file` for one that the server does not have */
export function changedFiles(files: readonly EditedFile[], changes: readonly EditedFile[]): EditedFile[] {
  const known = (name: string) => files.some((file) => file.name === name) || plainNames.includes(name);
  const unknown = changes.find(({ name }) => !known(name));
  if (unknown) {
    const has = [...new Set([...files.map(({ name }) => name), ...plainNames])];
    throw new UserError("lesson-file", `the lesson's server has no file ${unknown.name}`, {
      expected: has.join(", "),
      fault: faultOf("file-unknown", { file: unknown.name, known: has }),
    });
  }
  const changed = new Map([...files, ...changes].map((file) => [file.name, file]));
  return [...changed.values()].filter(({ name, text }) => name === sshd || text.trim() !== "");
}

/** Does sshd read any of them? */
export function sshdReads(files: readonly EditedFile[]): boolean {
  return files.some(({ name }) => !isFirewall(name));
}

/** What `work` gets is there while it runs: what has no short form stands in files. */
export async function withServerInput<T>(
  { files, accounts }: ServerTexts,
  work: (input: Required<ServerInput>, folder: string) => Promise<T>,
): Promise<T> {
  const input = { sshd: sshdInput(files), firewall: firewallInput(files), accounts: accountInputs(files, accounts) };
  const kept = files.filter(({ name }) => JSON.stringify(input).includes(`"${name}"`) || !plainNames.includes(name));
  // Named by what is in it: the lab knows by the folder whether a file is still the same.
  const digest = createHash("sha256").update(JSON.stringify(kept)).digest("hex").slice(0, 16);
  await using made = await temporaryFolder("lesson", `${process.pid}-${digest}`);
  for (const { name, text } of kept) {
    const path = join(made.path, within(name));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return await work(input, made.path);
}

const sshd = "sshd_config";
/** What a text alone is called. */
const plainNames = [sshd, "firewall", "firewall.v4", "firewall.v6"];
const keysOf = /^authorized_keys of (.*)$/;
const principalsOf = /^principals of (.*)$/;

function isFirewall(name: string): boolean {
  return name !== sshd && !isOfAccount(name) && /firewall|nft|iptables|rules/.test(basename(name));
}

function isOfAccount(name: string): boolean {
  return keysOf.test(name) || principalsOf.test(name);
}

function sshdInput(files: readonly EditedFile[]): SshdInput {
  const own = files.filter(({ name }) => !isFirewall(name) && !isOfAccount(name));
  const [only, ...more] = own;
  if (!only) return "";
  if (more.length === 0 && only.name === sshd) return only.text;
  return { path: (own.find(({ name }) => basename(name) === sshd) ?? only).name };
}

function firewallInput(files: readonly EditedFile[]): FirewallInput {
  const own = files.filter(({ name }) => isFirewall(name));
  const [first, second] = own;
  if (!first) return null;
  const text = (name: string) => own.find((file) => file.name === name)?.text;
  const [v4, v6] = [text("firewall.v4"), text("firewall.v6")];
  if (v4 !== undefined && v6 !== undefined) return [v4, v6];
  return !second && plainNames.includes(first.name) ? first.text : { path: first.name };
}

function accountInputs(files: readonly EditedFile[], accounts: readonly string[]): Record<string, AccountInput> {
  const has = (name: string) => files.find((file) => file.name === name);
  return Object.fromEntries(
    accounts.map((account): [string, AccountInput] => {
      const keys = has(`authorized_keys of ${account}`);
      const principals = has(`principals of ${account}`);
      return [
        account,
        { ...(keys ? { authorizedKeys: { path: keys.name } } : {}), ...(principals ? { principals: principals.text.split("\n") } : {}) },
      ];
    }),
  );
}

function within(name: string): string {
  if (name.startsWith("/") || name.split("/").includes("..")) {
    throw new UserError("lesson-file", `the lesson's server has no file ${name}`, {
      found: name,
      fault: faultOf("file-unknown", { file: name }),
    });
  }
  return name;
}
