/** Effective settings without sshd: which line wins. */
import { describe, expect, test } from "vitest";
import { matchHolds } from "../../../harness/openssh/match-criteria.ts";
import { settingsOfConfig } from "../../../harness/openssh/model/settings-of-config.ts";
import { sshdConfigFromText } from "../../../harness/openssh/sshd-config.ts";

async function read(text: string, user = "alice") {
  const { lines } = await sshdConfigFromText(text);
  const who = { user, addr: "203.0.113.7", laddr: "198.51.100.10", lport: 22 };
  return settingsOfConfig(lines, (criteria) => matchHolds(criteria, who));
}

describe("which line wins", () => {
  test("the first one", async () => {
    const { settings, idle } = await read("GatewayPorts no\nGatewayPorts yes\n");
    expect(settings("gatewayports")).toEqual({ keyword: "gatewayports", value: "no", file: "sshd_config", line: 1 });
    expect(idle).toEqual([{ keyword: "gatewayports", value: "yes", file: "sshd_config", line: 2, because: "first-wins" }]);
  });

  test("of StreamLocalBindMask the last one, in the Match that holds before any global line", async () => {
    const { settings, idle } = await read("StreamLocalBindMask 0111\nStreamLocalBindMask 0000\n");
    expect(settings("streamlocalbindmask")).toMatchObject({ value: "0000", line: 2 });
    expect(idle).toMatchObject([{ line: 1, because: "last-wins" }]);
    const { lines } = await sshdConfigFromText("StreamLocalBindMask 0111\nStreamLocalBindMask 0000\n");
    const since = settingsOfConfig(lines, () => true, { major: 10, minor: 6 });
    expect(since.settings("streamlocalbindmask")).toMatchObject({ value: "0111", line: 1 });
    const nested = await read(
      "Match User alice\n StreamLocalBindMask 0111\nMatch all\n StreamLocalBindMask 0117\nMatch User bob\n StreamLocalBindMask 0000\n",
    );
    expect(nested.settings("streamlocalbindmask")).toMatchObject({ value: "0117", line: 4 });
  });

  test("a Match that holds, before any global line; of two the first", async () => {
    const { settings } = await read("GatewayPorts no\nMatch User alice\n GatewayPorts clientspecified\nMatch all\n GatewayPorts yes\n");
    expect(settings("gatewayports")).toMatchObject({ value: "clientspecified", line: 3 });
  });

  test("a line at the end belongs to the last Match", async () => {
    const { settings, idle } = await read("Match User bob\n X11Forwarding no\nGatewayPorts yes\n");
    expect(settings("gatewayports").value).toBe("");
    expect(idle).toMatchObject([{ line: 3, because: "another-match" }]);
  });

  test("a Match that cannot be decided is listed", async () => {
    const { settings, idle } = await read("Match Group staff\n GatewayPorts yes\n");
    expect(settings("gatewayports").value).toBe("");
    expect(idle).toMatchObject([{ line: 2, because: "undecided" }]);
  });
});
