/** `forwardlab playground`: the model as one page that opens without a network. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { playgroundPage } from "../web/report-page.ts";
import { languageOf } from "./language.ts";
import { cannotWrite, prepare } from "./reports.ts";
import { exitCodes } from "./run-command.ts";

export async function playgroundCommand({ out, lang }: { out: string; lang?: string }): Promise<number> {
  const language = lang === undefined ? undefined : languageOf(lang);
  await prepare({ format: "html", path: out });
  const page = await playgroundPage(language);
  if (out === "-") process.stdout.write(page);
  else {
    await writeFile(out, page).catch((error) => cannotWrite("html", out, error));
    process.stdout.write(`${resolve(out)}\n`);
  }
  return exitCodes.held;
}
