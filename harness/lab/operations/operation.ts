/** One operation of the fabric's agent: what it is asked and what it answers. */
import { z } from "zod";

export interface Operation<Request extends z.ZodType = z.ZodType, Answer extends z.ZodType = z.ZodType> {
  request: Request;
  answer: Answer;
}

/** `request`: its fields; any other is refused by the agent. */
export function operation<Fields extends z.ZodRawShape, Answer extends z.ZodType>(
  fields: Fields,
  answer: Answer,
): Operation<z.ZodObject<Fields, z.core.$strict>, Answer> {
  return { request: z.strictObject(fields), answer };
}

/** For an operation that only does something. */
export const nothing = z.null();
/** Name of a host or router. */
export const place = z.string().min(1);
export const port = z.int().min(0).max(65_535);
/** IPv4 or IPv6, without brackets or prefix length. */
export const address = z.string().min(1);
export const words = z.array(z.string()).readonly();
export const base64 = z.string();
