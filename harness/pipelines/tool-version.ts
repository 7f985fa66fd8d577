/** The version in package.json, which stands beside harness/ in a checkout and beside dist/ in the package. */
import { readFileSync } from "node:fs";

export const toolVersion: string = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;
