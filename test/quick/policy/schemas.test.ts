import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonSchemas } from "../../../harness/policy/schemas.ts";

const root = join(import.meta.dirname, "..", "..", "..");

test.each(Object.entries(jsonSchemas()))("%s is what the code says (node harness/policy/schemas.ts writes it)", async (file, content) => {
  expect(JSON.parse(await readFile(join(root, file), "utf8"))).toEqual(JSON.parse(content));
});

test("every field of the policy has a description", () => {
  const bare: string[] = [];
  const visit = (schema: Record<string, unknown>, path: string) => {
    const properties = (schema.properties ?? {}) as Record<string, Record<string, unknown>>;
    for (const [key, value] of Object.entries(properties)) {
      if (typeof value.description !== "string") bare.push(`${path}.${key}`);
      visit(value, `${path}.${key}`);
    }
    for (const inner of [schema.items, schema.additionalProperties, ...((schema.anyOf ?? []) as unknown[])]) {
      if (inner !== null && typeof inner === "object" && !Array.isArray(inner)) visit(inner as Record<string, unknown>, path);
    }
  };
  visit(JSON.parse(jsonSchemas()["policy.schema.json"] as string), "");
  expect(bare).toEqual([]);
});
