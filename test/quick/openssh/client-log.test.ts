import { describe, expect, test } from "vitest";
import { ForwardWatch, otherSoftware } from "../../../harness/openssh/client-log.ts";

/** The news after the line that said all, and how many lines were read. */
function follow(watch: ForwardWatch, ...lines: string[]) {
  const end = lines.findIndex((line) => watch.read(line));
  return { read: end + 1, ...watch.news };
}

const asked = "debug1: Remote connections from LOCALHOST:43234 forwarded to local address localhost:3389";

describe("what ssh says about -R", () => {
  test("granted", () => {
    const success = "debug1: remote forward success for: listen 43234, connect localhost:3389";
    expect(follow(new ForwardWatch("remote", 43234), asked, success)).toMatchObject({ read: 2, granted: true });
  });

  test("refused: its warning is part of it", () => {
    const lines = [
      asked,
      "debug1: Entering interactive session.",
      "debug1: remote forward failure for: listen 43234, connect localhost:3389",
      "Warning: remote port forwarding failed for listen port 43234",
    ];
    expect(follow(new ForwardWatch("remote", 43234), ...lines)).toMatchObject({ read: 4, granted: false });
  });

  test("a port of the server's choice", () => {
    const lines = [
      asked,
      "debug1: remote forward success for: listen 0, connect localhost:3389",
      "Allocated port 40001 for remote forward to x:1",
    ];
    expect(follow(new ForwardWatch("remote", 0), ...lines)).toMatchObject({ read: 3, granted: true, allocatedPort: 40001 });
  });

  test("nothing asked for", () => {
    expect(follow(new ForwardWatch("remote", 43234), "debug1: Entering interactive session.")).toMatchObject({ read: 1, granted: false });
  });
});

test("who answered, where it is not OpenSSH", () => {
  const banner = (software: string) => [`debug1: Remote protocol version 2.0, remote software version ${software}`];
  expect(otherSoftware(banner("dropbear_2025.89"))).toBe("dropbear_2025.89");
  expect(otherSoftware(banner("OpenSSH_10.0p2 Debian-7"))).toBeUndefined();
  expect(otherSoftware([])).toBeUndefined();
});
