import { saysDiskFull } from "../engine/disk.ts";

/** The agent refused a request, or its tool failed. `kind` is the agent's word for what it was. */
export class FabricError extends Error {
  override readonly name = "FabricError";
  readonly kind: string;
  readonly log: string | undefined;
  constructor(message: string, kind: string, log?: string) {
    super(message);
    this.kind = kind;
    this.log = log;
  }

  /** No request to this lab will be answered any more. */
  get isFinal(): boolean {
    return this.kind === "gone" || this.kind === "limit";
  }

  /** One of the two ends does not understand the other. */
  get isOfProtocol(): boolean {
    return this.kind === "request" || this.kind === "protocol";
  }

  /** Where the lab runs, there is no room. */
  get isDiskFull(): boolean {
    return saysDiskFull(`${this.message}\n${this.log ?? ""}`);
  }
}
