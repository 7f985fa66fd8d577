/** The same server with changed files, in the same lab: what a review would find then. */
import { loadChangedPolicy } from "./changed-policy.ts";
import { UserError } from "./core/errors.ts";
import { applyCandidate } from "./judgement/remedies/apply.ts";
import type { Edit, RemedyInputs } from "./judgement/remedies/candidate.ts";
import type { JudgedReview } from "./judgement/review/judge-review.ts";
import type { LoadedPolicy } from "./policy/load-policy.ts";
import type { Touched } from "./session/review/review-lab.ts";

/** Gives the server the changed files, and looks again at what they may have changed. */
export type MeasureChanged = (changed: LoadedPolicy, touched: Touched) => Promise<JudgedReview>;

export class ChangedReview {
  readonly inputs: RemedyInputs;
  /** How many changes were tried. */
  tried = 0;
  readonly #firewall: ReadonlySet<string>;
  readonly #measure: MeasureChanged;
  readonly #known = new Map<string, Promise<JudgedReview | undefined>>();
  /** In which files the server differs from the user's now. */
  #differs: Touched = { sshd: false, firewall: false };

  constructor({ inputs, policy }: LoadedPolicy, measure: MeasureChanged) {
    const { files, firewall, sshdConfig } = inputs;
    this.#firewall = new Set(Object.values(firewall?.files ?? {}).map(({ display }) => display));
    this.#measure = measure;
    this.inputs = {
      policy,
      policyFile: files[0]?.display ?? "policy.yaml",
      sshdConfig: sshdConfig.displayOf["/etc/ssh/sshd_config"] ?? sshdConfig.display,
      files: Object.fromEntries(files.map(({ display, content }) => [display, content.toString("utf8")])),
    };
  }

  /** Undefined where sshd, nft or the checks of a policy refuse the changed files. The same edits are tried once. */
  measure(edits: readonly Edit[]): Promise<JudgedReview | undefined> {
    const key = JSON.stringify(edits);
    const result = this.#known.get(key) ?? this.#try(edits);
    this.#known.set(key, result);
    return result;
  }

  async #try(edits: readonly Edit[]): Promise<JudgedReview | undefined> {
    this.tried++;
    const own: Touched = {
      firewall: edits.some(({ file }) => this.#firewall.has(file)),
      sshd: edits.some(({ file }) => !this.#firewall.has(file)),
    };
    const touched = { firewall: own.firewall || this.#differs.firewall, sshd: own.sshd || this.#differs.sshd };
    try {
      const changed = await loadChangedPolicy(applyCandidate(this.inputs.files, { code: "", params: {}, edits }), this.inputs.policyFile);
      this.#differs = touched;
      const judged = await this.#measure(changed, touched);
      this.#differs = own;
      return judged;
    } catch (error) {
      if (!(error instanceof UserError) || error.code === "lab-gone") throw error;
      return undefined;
    }
  }
}
