/** Whom a forward's target means, in the spellings that connect(2) takes. */
import { expect, test } from "vitest";
import { articleLab } from "../../../harness/core/lab-spec.ts";
import { targetHost } from "../../../harness/policy/forward-target.ts";
import { dialTo } from "../../../harness/session/forward-ends.ts";

const spec = { ...articleLab(), names: { db: ["198.51.100.20"], own: ["0.0.0.0"] } };

test.each([
  ["localhost", "home", undefined],
  ["127.0.0.1", "home", "127.0.0.1"],
  ["127.1", "home", "127.0.0.1"],
  ["::ffff:127.0.0.1", "home", "127.0.0.1"],
  // The unspecified address is the host that dials.
  ["0.0.0.0", "home", "127.0.0.1"],
  ["0", "home", "127.0.0.1"],
  ["::", "home", "::1"],
  ["own", "home", undefined],
  ["192.168.1.20", "home-lan", "192.168.1.20"],
  ["3232235796", "home-lan", "192.168.1.20"],
  ["2001:DB8:7:0::20", "home-lan", "2001:db8:7::20"],
  ["db", "campus", undefined],
  ["DB", "campus", undefined],
  ["Home-LAN", "home-lan", undefined],
  // Nobody of the lab.
  ["10.9.9.9", undefined, "10.9.9.9"],
  ["1.0.0.0", undefined, "1.0.0.0"],
  ["elsewhere", undefined, undefined],
])("%s", (target, host, address) => {
  expect(targetHost(spec, "home", target)).toBe(host);
  expect(dialTo(spec, "home", { host: target, port: 80 }).address).toBe(address);
});
