/** What a page may ask for, checked. */

import { z } from "zod";
import { UserError } from "../../core/errors.ts";
import { faultOf } from "../../core/fault.ts";
import type { LearnRequest } from "../../core/lesson.ts";

const name = z.string().min(1).max(100);
const files = z.array(z.strictObject({ name: z.string().min(1).max(200), text: z.string().max(65_536) })).max(20);

const requestSchema = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("run"), lesson: name }),
  z.strictObject({ do: z.literal("stop") }),
  z.strictObject({ do: z.literal("try"), lesson: name, experiment: z.int().min(0).max(1000).optional() }),
  z.strictObject({ do: z.literal("use"), files }),
  z.strictObject({ do: z.literal("check") }),
  z.strictObject({ do: z.literal("grade"), exercise: name, files, commands: z.record(z.string().max(100), z.string().max(1000)) }),
]) satisfies z.ZodType<LearnRequest>;

const sizeSchema = z.strictObject({ cols: z.int().min(1).max(1000), rows: z.int().min(1).max(1000) });

export type Size = z.infer<typeof sizeSchema>;

/** @throws UserError `learn-request` */
export function parseRequest(text: string): LearnRequest {
  return parse(text, requestSchema);
}

/** Of a terminal. @throws UserError `learn-request` */
export function parseSize(text: string): Size {
  return parse(text, sizeSchema);
}

function parse<T>(text: string, schema: z.ZodType<T>): T {
  const read = schema.safeParse(jsonOf(text));
  if (read.success) return read.data;
  throw new UserError("learn-request", "the message is none that the lessons understand", {
    found: z.prettifyError(read.error).replaceAll("\n", " "),
    todo: "reload the page",
    fault: faultOf("message-unknown", {}),
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
