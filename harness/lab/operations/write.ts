/** Writes the schema of each operation's request to where the agent reads it. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type OperationName, operations } from "./index.ts";

export const requestSchemasFile = join(import.meta.dirname, "..", "..", "..", "containers", "agent", "operations.json");

/** Name of an operation -> JSON Schema of its request. */
export function requestSchemas(): Record<string, object> {
  const names = Object.keys(operations).sort() as OperationName[];
  return Object.fromEntries(
    names.map((name) => {
      const { $schema, ...schema } = z.toJSONSchema(operations[name].request, { io: "input" });
      return [name, schema];
    }),
  );
}

if (import.meta.main) await writeFile(requestSchemasFile, `${JSON.stringify(requestSchemas(), null, 2)}\n`);
