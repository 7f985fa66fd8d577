/**
 * Loads each fixture with the real nft or iptables and keeps what it reads back:
 * `node test/quick/firewall/record-listings.ts IMAGE`, any image with nft and iptables-nft; DOCKER_HOST names the engine.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fixtureNames, fixturesFolder, listingFile, listingTextFile, loadFixture } from "./fixtures.ts";
import { loadForReal } from "./real-tools.ts";

const [image = ""] = process.argv.slice(2);
const firewalls = await Promise.all(fixtureNames.map(loadFixture));
const results = loadForReal(
  image,
  firewalls.map(({ files, ...firewall }) => ({
    ...firewall,
    files: Object.fromEntries(Object.entries(files).map(([path, { content }]) => [path, content])),
  })),
);
for (const [index, name] of fixtureNames.entries()) {
  const result = results[index];
  if (result?.code !== 0) {
    console.error(`${name}: ${result?.stderr}`);
    process.exitCode = 1;
    continue;
  }
  const { nftables } = JSON.parse(result.json) as { nftables: object[] };
  const lines = nftables.map((entry) => JSON.stringify(entry));
  writeFileSync(join(fixturesFolder, name, listingFile), `${lines.join("\n")}\n`);
  writeFileSync(join(fixturesFolder, name, listingTextFile), result.text);
}
console.log(`${fixtureNames.length} fixtures`);
