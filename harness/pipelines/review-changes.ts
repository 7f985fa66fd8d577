/** The same server with changed files, in the same lab: what a review would find then. */

import type { RulePosition } from "../firewall/firewall-files.ts";
import { applyCandidate } from "../judgement/remedies/apply.ts";
import type { Edit, RemedyInputs } from "../judgement/remedies/candidate.ts";
import type { JudgedReview } from "../judgement/review/judge-review.ts";
import type { LoadedPolicy } from "../policy/load-policy.ts";
import { reviewedServer } from "../policy/review/reviewed-server.ts";
import type { Change } from "../session/review/review-lab.ts";
import { loadChangedPolicy, remedyInputs, undefinedIfRefused } from "./changed-policy.ts";

export interface ReviewingLab {
  /** Gives the server a policy's files. */
  configure(policy: LoadedPolicy): Promise<void>;
  /** Looks again at what the change may have touched. */
  look(change: Change): Promise<JudgedReview>;
}

/** What the server gave with the changed files, and the whole policy that has them. */
export interface Changed {
  judged: JudgedReview;
  policy: LoadedPolicy;
}

export class ChangedReview {
  readonly inputs: RemedyInputs;
  /** How many changes were tried. */
  tried = 0;
  readonly #firewall: ReadonlySet<string>;
  readonly #rules: readonly RulePosition[];
  readonly #lab: ReviewingLab;
  readonly #server: string;
  /** By the files that a change leaves. */
  readonly #known = new Map<string, Promise<Changed | undefined>>();

  /** @param whole the policy, of whose servers the lab has this one */
  constructor(whole: LoadedPolicy, server: string, lab: ReviewingLab) {
    const { loaded } = reviewedServer(whole, server);
    const { firewall, ipsets } = loaded.inputs;
    this.#firewall = new Set([...Object.values(firewall?.files ?? {}), ...(ipsets ? [ipsets] : [])].map(({ display }) => display));
    this.#rules = firewall?.rules ?? [];
    this.#lab = lab;
    this.#server = server;
    this.inputs = remedyInputs(loaded);
  }

  /**
   * Undefined where sshd, nft or the checks of a policy refuse the changed files. The same files are tried once.
   * @param rule the one rule that they change; left out: it may be told from them, where they remove it
   */
  measure(edits: readonly Edit[], rule: Change["rule"] = this.#removedBy(edits)): Promise<Changed | undefined> {
    return this.look(applyCandidate(this.inputs.files, { code: "", params: {}, edits }), rule);
  }

  /** The same for files to which several changes have led. */
  look(files: RemedyInputs["files"], rule?: Change["rule"]): Promise<Changed | undefined> {
    const changed = Object.keys(files).filter((file) => files[file] !== this.inputs.files[file]);
    const key = JSON.stringify(changed.map((file) => [file, files[file]]));
    const result = this.#known.get(key) ?? this.#try(files, changed, rule);
    this.#known.set(key, result);
    return result;
  }

  async #try(files: RemedyInputs["files"], changed: readonly string[], rule: Change["rule"]): Promise<Changed | undefined> {
    this.tried++;
    try {
      const policy = await loadChangedPolicy(files, this.inputs.policyFile);
      const { loaded } = reviewedServer(policy, this.#server);
      await this.#lab.configure(loaded);
      const judged = await this.#lab.look({
        firewall: changed.some((file) => this.#firewall.has(file)),
        sshd: changed.some((file) => !this.#firewall.has(file)),
        ...(rule ? { rule } : {}),
      });
      return { judged, policy };
    } catch (error) {
      return undefinedIfRefused(error);
    }
  }

  /** The one rule that stands on lines that go. */
  #removedBy(edits: readonly Edit[]): Change["rule"] {
    if (!edits.every(({ file, action, lines }) => this.#firewall.has(file) && action === "replace" && lines.length === 0)) return undefined;
    const gone = this.#rules.filter((rule) => edits.some(({ file, line }) => file === rule.file && line === rule.line));
    return gone.length === 1 && gone[0]?.kind === "rule" ? gone[0] : undefined;
  }
}
