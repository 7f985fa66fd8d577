/** Model and lab answer the same random questions: test/lab/model/soak.ts, for as long as is asked. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type Options, type Row, Tally } from "./trial.ts";

export async function soakAgreement({ seed, count }: Options): Promise<Row[]> {
  const script = join(import.meta.dirname, "../lab/model/soak.ts");
  const child = spawn(process.execPath, ["--no-warnings", script, String(count), String(seed)], { stdio: ["ignore", 2, 2] });
  const [code] = await once(child, "exit");
  const tally = new Tally("agreement: model and lab");
  tally.add(`seed ${seed}, ${count} minutes`, `exit code ${code}`, code === 0 ? [] : ["they differ: see above"]);
  return [tally.row];
}
