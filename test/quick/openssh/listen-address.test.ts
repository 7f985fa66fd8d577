import { expect, test } from "vitest";
import { sshdConfigFromText } from "../../../harness/openssh/sshd-config.ts";
import { missingListenAddress } from "../../../harness/openssh/sshd-messages.ts";

test.each([
  ["ListenAddress 203.0.113.10", "203.0.113.10"],
  ["ListenAddress 203.0.113.10:443", "203.0.113.10"],
  ["ListenAddress [2001:db8:0::10]:22", "2001:db8::10"],
  ["ListenAddress 2001:DB8::10", "2001:db8::10"],
])("%s, an address that the host lacks: the line is found", async (line, address) => {
  const config = await sshdConfigFromText(`Port 22\n${line}\n`);
  const said = `Bind to port 22 on ${address} failed: Cannot assign requested address.`;
  expect(missingListenAddress(config, said)).toEqual({ address, place: { file: "sshd_config", line: 2 } });
});

test("an address of a host name has no line; another reason to fail is none of an address", async () => {
  const config = await sshdConfigFromText("ListenAddress tunnel.example.org\n");
  expect(missingListenAddress(config, "Bind to port 22 on 192.0.2.9 failed: Cannot assign requested address.")).toEqual({
    address: "192.0.2.9",
  });
  expect(missingListenAddress(config, "Bind to port 22 on 192.0.2.9 failed: Address already in use.")).toBeUndefined();
});
