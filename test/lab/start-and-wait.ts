/** Run as a process of its own: starts a lab with a forward in it, says so, and stays until it is killed. */
import { ForwardLab, parseForwardArguments, sshdConfigFromText } from "../../harness/index.ts";

await using lab = await ForwardLab.start({
  sshdConfig: await sshdConfigFromText("GatewayPorts clientspecified\n"),
  accounts: [{ name: "tunnel" }],
});
const ssh = parseForwardArguments("-fN -R :43234:localhost:3389");
await using forward = await lab.open({ name: "rdp", from: "home", account: "tunnel", ssh });
console.log(`ready ${forward.open.outcome.granted}`);
process.stdin.resume();
await new Promise(() => undefined);
