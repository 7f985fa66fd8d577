/** Everything that is wrong with a policy, at once. */
import { formatUserError, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";

/** One or more faults of a policy. With one fault it reads like that fault; with several, it stands at the first, and `log` holds them all. */
export class PolicyErrors extends UserError {
  readonly errors: readonly UserError[];

  constructor(file: string, errors: readonly UserError[]) {
    const sorted = [...errors].sort(
      (one, other) => (one.place?.line ?? 0) - (other.place?.line ?? 0) || (one.place?.column ?? 0) - (other.place?.column ?? 0),
    );
    const [first, ...rest] = sorted;
    if (first && rest.length === 0) {
      super(first.code, first.message, first);
    } else {
      super("policy", `${sorted.length} errors in ${file}`, {
        place: first?.place ?? { file },
        fault: faultOf("policy-errors", { file, count: sorted.length }),
        log: sorted.map(formatUserError).join("\n\n"),
      });
    }
    this.errors = sorted;
  }
}

/** Each fault in its four parts, a blank line between them; any other error as it is. */
export function formatErrors(error: UserError): string {
  return error instanceof PolicyErrors && error.errors.length > 1
    ? [...error.errors.map(formatUserError), error.message].join("\n\n")
    : formatUserError(error);
}
