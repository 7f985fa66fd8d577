/** What `verify` tells to change on damaged servers mends them and does no harm: test/lab/advice/soak.ts, for as many servers as are asked for. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type Options, type Row, Tally } from "./trial.ts";

export async function soakAdvice({ seed, count }: Options): Promise<Row[]> {
  const script = join(import.meta.dirname, "../lab/advice/soak.ts");
  const child = spawn(process.execPath, ["--no-warnings", script, String(count), String(seed)], { stdio: ["ignore", 2, 2] });
  const [code] = await once(child, "exit");
  const tally = new Tally("advice: damaged servers");
  tally.add(`seed ${seed}, ${count} servers`, `exit code ${code}`, code === 0 ? [] : ["some of it harms, or mends nothing: see above"]);
  return [tally.row];
}
