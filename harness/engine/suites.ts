/** Which Debian suite brings which OpenSSH. */
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";

export const DEFAULT_SUITE = "trixie";

/** Measured on 2026-11-22: the version that `openssh-server` of each suite (with its security updates) prints. */
export const OPENSSH_BY_SUITE = {
  bullseye: "8.4",
  bookworm: "9.2",
  trixie: "10.0",
  sid: "10.6",
} as const;

export type Suite = keyof typeof OPENSSH_BY_SUITE;

export const SUITES = Object.keys(OPENSSH_BY_SUITE) as Suite[];

/** Suites without a `-security` archive of their own. */
export const ROLLING: readonly Suite[] = ["sid"];

/**
 * The suite for an OpenSSH version as a policy names it: `9.2`, `9.2p1`, or a suite's own name.
 * Sid moves: what it really brings is read from the image, 10.6 is what it brought when this was written.
 * @throws UserError `image.unknown-openssh`
 */
export function suiteOf(version: string): Suite {
  const wanted = version.trim().toLowerCase();
  for (const suite of SUITES) if (suite === wanted) return suite;
  const number = /^(?:openssh[_ -]?)?(\d+\.\d+)(?:p\d+)?$/.exec(wanted)?.[1];
  for (const suite of SUITES) if (OPENSSH_BY_SUITE[suite] === number) return suite;
  const known = SUITES.map((suite) => `${OPENSSH_BY_SUITE[suite]} (${suite})`);
  throw new UserError("image.unknown-openssh", "no Debian release is known to have this OpenSSH version", {
    fault: faultOf("openssh-unknown", { known }),
    found: version,
    expected: known.join(", "),
    todo: "use one of these versions, or your own image with the sshd you want",
  });
}
