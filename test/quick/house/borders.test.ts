import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { crossings, rooms } from "./borders.ts";
import { circles } from "./circles.ts";
import { importsOf, modulesBelow, root } from "./imports.ts";

test("no import crosses a border between the modules", () => {
  expect(crossings(modulesBelow("harness"))).toEqual([]);
});

test("docs/architecture.md maps the same rooms, in the same order", () => {
  const map = readFileSync(join(root, "docs/architecture.md"), "utf8");
  const mapped = [...map.matchAll(/^\| `harness\/([a-z]+)\/`/gm)].map(([, room]) => room);
  expect(mapped).toEqual(Object.keys(rooms));
});

test("no modules import each other in a circle, not even types", () => {
  expect(circles(modulesBelow("harness"))).toEqual([]);
});

describe("the check itself", () => {
  const modules = (sources: Record<string, string>) =>
    Object.entries(sources).map(([path, source]) => ({ path, imports: importsOf(path, source) }));

  test("sees a later room reached back to, and one room too far", () => {
    const found = crossings(
      modules({
        "harness/lab/a.ts": 'import { find } from "../engine/find.ts";\nimport { x } from "../ssh/x.ts";\n',
        "harness/engine/b.ts": 'export * from "../lab/a.ts";\n',
        "harness/report/c.ts": 'const lab = await import("../lab/a.ts");\nexport default lab;\n',
      }),
    );
    expect(found).toEqual([
      "harness/lab/a.ts:2 lab must not import harness/ssh/x.ts",
      "harness/engine/b.ts:1 engine must not import harness/lab/a.ts",
      "harness/report/c.ts:1 report must not import harness/lab/a.ts",
    ]);
  });

  test("sees a pipeline used by a room that it joins, and the library's entry used by any", () => {
    const source = 'import { verify } from "../pipelines/verify.ts";\n';
    const entry = 'import { verify } from "../index.ts";\n';
    expect(
      crossings(modules({ "harness/cli/main.ts": source, "harness/probe/probe.ts": source, "harness/learn/grade.ts": entry })),
    ).toEqual([
      "harness/probe/probe.ts:1 probe must not import harness/pipelines/verify.ts",
      "harness/learn/grade.ts:1 learn must not import harness/index.ts",
    ]);
  });

  test("sees scenarios and tests imported", () => {
    const found = crossings(modules({ "harness/index.ts": 'import "../scenarios/colon.ts";\n' }));
    expect(found).toEqual(["harness/index.ts:1 leaves harness/: scenarios/colon.ts"]);
  });

  test("sees an engine reached through others, and lets types pass", () => {
    const found = crossings(
      modules({
        "harness/report/text.ts":
          'import { judge } from "../judgement/judge.ts";\nimport type { Server } from "node:net";\nexport type { Server };\n',
        "harness/judgement/judge.ts": 'import { type Host, x } from "../core/host.ts";\n',
        "harness/core/host.ts": 'import { type ChildProcess } from "node:child_process";\nexport const x = 1;\n',
        "harness/judgement/types.ts":
          'import type { ChildProcess } from "node:child_process";\nexport type { Container } from "dockerode";\n',
      }),
    );
    expect(found).toEqual([
      "harness/report/text.ts must stay pure, but reaches harness/judgement/judge.ts -> harness/core/host.ts -> node:child_process",
      "harness/judgement/judge.ts must stay pure, but reaches harness/core/host.ts -> node:child_process",
      "harness/core/host.ts must stay pure, but reaches node:child_process",
    ]);
  });

  test("sees a circle through others, of types too, and none where two ways lead to one module", () => {
    const circle = modules({
      "harness/lab/a.ts": 'import { b } from "./b.ts";\nimport { d } from "./d.ts";\n',
      "harness/lab/b.ts": 'import type { C } from "./c.ts";\nimport { d } from "./d.ts";\n',
      "harness/lab/c.ts": 'import { a } from "./a.ts";\n',
      "harness/lab/d.ts": "",
    });
    expect(circles(circle)).toEqual(["harness/lab/a.ts -> harness/lab/b.ts -> harness/lab/c.ts -> harness/lab/a.ts"]);
    expect(circles(circle.slice(0, 2))).toEqual([]);
  });

  test("the word import in a string or a comment is none", () => {
    expect(importsOf("a.ts", 'const s = `import "x"`; // import "y"\n/* export * from "z" */ export { s };\n')).toEqual([]);
  });
});
