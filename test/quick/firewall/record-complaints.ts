/**
 * Keeps what the real tools say of firewalls that do not load: `node test/quick/firewall/record-complaints.ts IMAGE`,
 * any image with nft and iptables-nft; DOCKER_HOST names the engine.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadFirewall } from "../../../harness/firewall/load-firewall.ts";
import { broken, sourceOf } from "./broken.ts";
import { loadForReal } from "./real-tools.ts";
import { writeFiles } from "./write-files.ts";

const [image = ""] = process.argv.slice(2);
const complaints: Record<string, string> = {};
for (const [name, files] of Object.entries(broken)) {
  const folder = mkdtempSync(join(tmpdir(), "broken-"));
  writeFiles(folder, files);
  const { files: uploaded, ...firewall } = await loadFirewall(sourceOf(files), folder);
  rmSync(folder, { recursive: true });
  const contents = Object.fromEntries(Object.entries(uploaded).map(([path, { content }]) => [path, content]));
  const [result] = loadForReal(image, [{ ...firewall, files: contents }]);
  if (!result || result.code === 0) throw new Error(`${name} loads`);
  complaints[name] = result.stderr;
}
writeFileSync(join(import.meta.dirname, "complaints.json"), `${JSON.stringify(complaints, null, 2)}\n`);
