/** One side of a comparison: a result, a policy, or a config that takes the place of a policy's own. */

import { stat } from "node:fs/promises";
import { extname, join, relative, resolve } from "node:path";
import { UserError } from "../core/errors.ts";
import { type FaultParams, faultOf } from "../core/fault.ts";
import type { Fleet } from "../core/fleet.ts";
import type { FoundFile } from "../core/found-file.ts";
import type { Result } from "../core/result.ts";
import type { Review } from "../core/review.ts";
import { isMissing } from "../files/is-missing.ts";
import { readFileOr, UnreadableFile } from "../files/user-file.ts";
import { detectKind } from "../firewall/detect-kind.ts";
import { isFirewalldFolder } from "../firewall/firewalld/firewalld-folder.ts";
import { isUfwFolder } from "../firewall/ufw/ufw-firewall.ts";
import { sshdKeywords } from "../openssh/sshd-keywords.ts";
import { findPolicies, globRoot, isGlob, policiesBelow } from "../policy/find-policies.ts";
import { parseFleet, parseResult, parseReview } from "./read-result.ts";

/** Where a side is, and how it is called. */
export interface SidePath {
  /** As reports name the side, e.g. `policy.yaml`, `main:policy.yaml`. */
  name: string;
  path: string;
  /** How its result names the policy file, where `path` is a copy. */
  display?: string;
  /** Where that copy ends: files beside the policy's folder are in it. */
  root?: string;
}

/** One policy of a side that has several. */
export interface FleetPolicy extends SidePath {
  /** By which both sides are matched: its path as the user names it, and the part of it below the folder or the pattern that was named. */
  keys: { full: string; below: string };
}

export type Side = SidePath &
  (
    | { kind: "result"; result: Result }
    | { kind: "review"; review: Review }
    | { kind: "fleet"; fleet: Fleet }
    | { kind: "policies"; policies: readonly FleetPolicy[] }
    | { kind: "policy" }
    | { kind: "config"; replaces: "sshd_config" | "firewall" }
  );

export type SeveralSide = Extract<Side, { kind: "fleet" | "policies" }>;

export function isSeveral(side: Side): side is SeveralSide {
  return side.kind === "fleet" || side.kind === "policies";
}

/**
 * Told apart by what is there, not by its name.
 * @throws UserError `diff-side` for anything else; `result-file` for JSON that is no result
 */
export async function readSide(at: SidePath): Promise<Side> {
  if (isGlob(at.path)) return { ...at, kind: "policies", policies: policiesOf(at) };
  const found = await stat(at.path).catch((error: NodeJS.ErrnoException) => {
    throw notASide(at, error.code === "ENOENT" ? "missing" : "unreadable", error);
  });
  if (found.isDirectory()) return folderSide(at);
  const text = readText(at);
  const isJson = /^\s*\{/.test(text) && (text.includes('"schemaVersion"') || (extname(at.path) === ".json" && !isPolicy(text)));
  if (isJson && /"kind":\s*"review-fleet"/.test(text)) throw reviewsOfSeveral(at);
  if (isJson && /"kind":\s*"fleet"/.test(text)) return { ...at, kind: "fleet", fleet: parseFleet(text, at.name) };
  if (isJson && /"kind":\s*"review"/.test(text)) return { ...at, kind: "review", review: parseReview(text, at.name) };
  if (isJson) return { ...at, kind: "result", result: parseResult(text, at.name) };
  if (/\.ya?ml$/.test(at.path) || isPolicy(text)) return { ...at, kind: "policy" };
  const kind = detectKind(text);
  // The one word that begins lines of both; nft wants its path in quotes.
  const includes = /^\s*include\s+[^"\s]/m.test(text) && !text.includes("{");
  if (kind !== "nothing" && kind !== "unknown" && !includes) return { ...at, path: resolve(at.path), kind: "config", replaces: "firewall" };
  if (looksLikeSshd(text) || /(^|\/)sshd_config[^/]*$/.test(at.path))
    return { ...at, path: resolve(at.path), kind: "config", replaces: "sshd_config" };
  throw notASide(at, text.trim() === "" ? "empty" : "other");
}

function readText(at: SidePath): string {
  const bytes = readFileOr(at.path, (why) => {
    throw notASide(at, "unreadable", why);
  });
  if (bytes.includes(0)) throw notASide(at, "binary");
  return bytes.toString("utf8");
}

async function folderSide(at: SidePath): Promise<Side> {
  const has = (name: string) =>
    stat(join(at.path, name)).then(
      () => true,
      (error) => {
        if (isMissing(error)) return false;
        throw notASide(at, "unreadable", error);
      },
    );
  if (await has("policy.yaml")) return { ...at, kind: "policy" };
  if (await has("sshd_config")) return { ...at, path: resolve(at.path), kind: "config", replaces: "sshd_config" };
  if (isUfwFolder(at.path) || isFirewalldFolder(at.path)) return { ...at, path: resolve(at.path), kind: "config", replaces: "firewall" };
  const policies = policiesOf(at);
  if (policies.length > 0) return { ...at, kind: "policies", policies };
  throw notASide(at, "folder");
}

/** The policies in a folder, or those that a pattern matches; of none there is nothing. */
export function policiesOf({ name, path, display, root }: SidePath): FleetPolicy[] {
  const topOf = (word: string) => (isGlob(word) ? globRoot(word) : word);
  const top = topOf(path);
  // In a revision, the user's own word stands for the place in the copy.
  const shownTop = topOf(display ?? path);
  const found = isGlob(path) ? globbed(path) : policiesBelow(path);
  return found.map((policy) => {
    const below = relative(top, policy);
    const shown = join(shownTop, below);
    const named = display === undefined ? shown : `${name.slice(0, name.length - display.length)}${shown}`;
    return {
      name: named,
      path: policy,
      ...(display === undefined ? {} : { display: shown }),
      ...(root === undefined ? {} : { root }),
      keys: { full: keyOf(shown), below: keyOf(below) },
    };
  });
}

function globbed(pattern: string): string[] {
  try {
    return findPolicies([pattern]).paths;
  } catch (error) {
    if (error instanceof UserError && error.code === "policy-not-found") return [];
    throw error;
  }
}

/** A folder stands for its `policy.yaml`. */
export function keyOf(path: string): string {
  return path.replace(/(^|\/)policy\.ya?ml$/, "") || ".";
}

/** Its first lines of the outermost mapping. */
function isPolicy(text: string): boolean {
  return /^(\s*\{\s*)?["']?(server|forwards)["']?\s*:/m.test(text);
}

function looksLikeSshd(text: string): boolean {
  const lines = text.split("\n").map((line) => line.trim());
  const words = lines.filter((line) => line !== "" && !line.startsWith("#")).map((line) => line.split(/[\s=]/)[0]?.toLowerCase() ?? "");
  return words.some((word) => sshdKeywords.has(word) || word === "match");
}

function reviewsOfSeveral({ name }: SidePath): UserError {
  return new UserError("diff-side", `${name} holds the reviews of several servers`, {
    place: { file: name },
    fault: faultOf("side-reviews", { name }),
    expected: "one server on either side",
    todo: "review each server by itself: `forwardlab review POLICY --server NAME --report json=FILE`",
  });
}

type NoSide = FaultParams<"side-none">["found"];

const noSide: Record<Exclude<NoSide, "unreadable">, string> = {
  missing: "no such file",
  empty: "an empty file",
  binary: "a binary file, such as an archive",
  folder: "a folder without policy.yaml and without sshd_config",
  other: "a file of another kind",
};

function foundOf(why: Error | undefined, said: string): FoundFile {
  return why instanceof UnreadableFile ? why.found : { said };
}

function notASide({ name }: SidePath, found: NoSide, why?: Error): UserError {
  const said = why?.message ?? "";
  return new UserError("diff-side", `${name} cannot be compared`, {
    place: { file: name },
    fault: faultOf("side-none", { name, found, ...(found === "unreadable" ? foundOf(why, said) : {}) }),
    found: found === "unreadable" ? said : noSide[found],
    expected:
      "a result (`verify --report json=PATH`), a review (`review --report json=PATH`), a policy or a folder with a policy.yaml, several policies (a folder or a pattern), an sshd_config or a folder laid out like /etc/ssh, or a firewall: a file, or a copy of /etc/ufw or /etc/firewalld",
    todo: "check the path; for a revision of git write `forwardlab diff REVISION..REVISION -- POLICY`",
  });
}
