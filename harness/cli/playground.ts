/** `forwardlab playground`: the model as one page that opens without a network. */
import { resolve } from "node:path";
import { playgroundPage } from "../web/report-page.ts";
import { languageOf } from "./language.ts";
import { cannotWrite, prepare } from "./reports.ts";
import { exitCodes } from "./run-command.ts";
import { writeWhole } from "./write-whole.ts";

export async function playgroundCommand({ out, lang }: { out: string; lang?: string }): Promise<number> {
  const language = lang === undefined ? undefined : languageOf(lang);
  await prepare({ is: "page" }, out);
  const page = await playgroundPage(language);
  if (out === "-") process.stdout.write(page);
  else {
    await writeWhole(out, page).catch((error) => cannotWrite({ is: "page" }, out, error));
    process.stdout.write(`${resolve(out)}\n`);
  }
  return exitCodes.held;
}
