/** Failures of a test that could not look, rather than saw something else, by the error's name: all that Vitest passes on between processes. */

/** A proof is missing. */
export const notProven = "NotProven";

/** Besides: an error of the lab's own, and Vitest's time-outs. */
const names: readonly (string | undefined)[] = [notProven, "UserError", "TestTimeoutError", "HookTimeoutError"];

export function couldNotLook({ name }: { name?: string }): boolean {
  return names.includes(name);
}
