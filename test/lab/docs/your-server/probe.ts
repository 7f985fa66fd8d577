import { articleLab, ForwardLab, parseForwardArguments, sshdConfigFromText } from "../../../../harness/index.ts";

await using lab = await ForwardLab.start({
  spec: articleLab(),
  sshdConfig: await sshdConfigFromText("GatewayPorts yes\n"),
  accounts: [{ name: "tunnel" }],
});
await using forward = await lab.open({
  name: "desktop",
  from: "home",
  account: "tunnel",
  ssh: parseForwardArguments("-R 43234:localhost:3389"),
});
const { verdict, evidence } = await lab.probe(forward, "internet", "198.51.100.10");
console.log(verdict, evidence.trace);
