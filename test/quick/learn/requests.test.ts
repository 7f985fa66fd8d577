import { expect, test } from "vitest";
import { parseRequest, parseSize } from "../../../harness/learn/server/requests.ts";

test.each([
  { do: "run", lesson: "leading-colon" },
  { do: "stop" },
  { do: "try", lesson: "leading-colon", experiment: 1 },
  { do: "use", files: [{ name: "sshd_config", text: "GatewayPorts yes\n" }] },
  { do: "check" },
  { do: "grade", exercise: "rule-order", files: [], commands: { rdp: "-R 43234:localhost:3389" } },
])("a message is understood: $do", (request) => {
  expect(parseRequest(JSON.stringify(request))).toEqual(request);
});

test.each([
  "",
  "run",
  "null",
  "[]",
  '{"do":"run"}',
  '{"do":"run","lesson":7}',
  '{"do":"run","lesson":"a","more":1}',
  '{"do":"constructor"}',
  '{"do":"try","lesson":"a","experiment":-1}',
  '{"do":"use","files":[{"name":"","text":""}]}',
  `{"do":"run","lesson":"${"a".repeat(101)}"}`,
  `{"do":"use","files":[{"name":"a","text":"${"a".repeat(65_537)}"}]}`,
])("a message is not understood: %.60s", (text) => {
  expect(() => parseRequest(text)).toThrow(expect.objectContaining({ code: "learn-request" }));
});

test("a terminal has a size", () => {
  expect(parseSize('{"cols":80,"rows":24}')).toEqual({ cols: 80, rows: 24 });
  for (const text of ["", "{}", '{"cols":0,"rows":24}', '{"cols":80,"rows":1.5}', '{"cols":80,"rows":1001}'])
    expect(() => parseSize(text), text).toThrow(expect.objectContaining({ code: "learn-request" }));
});
