import { expect, test } from "vitest";
import { portList } from "../../../harness/lab/host-sysctls.ts";

test.each([
  [[], ""],
  [[43234], "43234"],
  [[43236, 5000, 43234, 43235], "5000,43234-43236"],
  [[80, 80, 82], "80,82"],
])("reserved ports %j are written as the kernel prints them: %s", (ports, text) => {
  expect(portList(ports)).toBe(text);
});
