import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { faultOf } from "../../../harness/core/fault.ts";
import { freeNetwork } from "../../../harness/engine/bridge.ts";
import { cacheOf } from "../../../harness/engine/cache.ts";
import { toolError } from "../../../harness/engine/command.ts";
import { imageKey } from "../../../harness/engine/images.ts";
import { processes, readProcess, withDescendants } from "../../../harness/engine/processes.ts";
import { readStream } from "../../../harness/engine/stream.ts";
import { suiteOf } from "../../../harness/engine/suites.ts";

describe("suite by OpenSSH version", () => {
  test.each([
    ["8.4", "bullseye"],
    ["9.2p1", "bookworm"],
    ["10.0", "trixie"],
    ["OpenSSH_10.6p1", "sid"],
    ["trixie", "trixie"],
  ])("%s is %s", (version, suite) => {
    expect(suiteOf(version)).toBe(suite);
  });

  test.each(["9.9", "10", "", "latest"])("%j is an error that lists what there is", (version) => {
    expect(() => suiteOf(version)).toThrow(
      expect.objectContaining({ code: "image.unknown-openssh", expected: expect.stringContaining("9.2 (bookworm)") }),
    );
  });
});

describe("the cache folder", () => {
  test("is where the environment says", () => {
    expect(cacheOf({ FORWARDLAB_CACHE: "/a" }).folder).toBe("/a");
    expect(cacheOf({ XDG_CACHE_HOME: "/b" }).folder).toBe("/b/forwardlab");
  });

  test("gives each engine its own names, short enough for the kernel however long its path is", () => {
    const long = cacheOf({ FORWARDLAB_CACHE: `/${"x".repeat(300)}` });
    const other = cacheOf({ FORWARDLAB_CACHE: "/a" });
    expect(long.endpoint.length).toBeLessThan(100);
    expect(long.bridge.length).toBeLessThan(16);
    expect(long.bridge).not.toBe(other.bridge);
    expect(long.run).not.toBe(other.run);
  });
});

describe("a network for the bridge", () => {
  const header = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n";
  const route = (destination: string, mask: string) => `eth0\t${destination}\t00000000\t0001\t0\t0\t0\t${mask}\t0\t0\t0\n`;

  test("the default route is in nobody's way", () => {
    expect(freeNetwork(header + route("00000000", "00000000"))).toBe("172.31.250");
  });

  test("keeps clear of a wider and of an equal route", () => {
    expect(freeNetwork(header + route("00FA1FAC", "00FFFFFF"))).toBe("172.31.249");
    expect(freeNetwork(header + route("00001FAC", "0000FFFF"))).toBe("172.30.250");
    expect(freeNetwork(header + route("000010AC", "0000F0FF"))).toBe("10.200.250");
  });
});

describe("what an engine says while it builds", () => {
  test("an error in the middle of a stream is an error", async () => {
    const stream = Readable.from(['{"stream":"Step 1/2 : FROM x\\n"}\n{"str', 'eam":"half"}\n{"error":"it broke","errorDetail":{}}\n']);
    expect(await readStream(stream)).toEqual({ error: "it broke", output: "Step 1/2 : FROM x\nhalf\nit broke" });
  });

  test("all went well", async () => {
    expect(await readStream(Readable.from(['{"status":"Pulling"}\r\n{"stream":"done"}']))).toEqual({ output: "Pulling\ndone" });
  });
});

test("a full disk is named, whatever tool met it", () => {
  const retry = { todo: "retry", fault: faultOf("debian-package", { file: "x.deb" }) };
  expect(toolError("x", "it failed", "dpkg-deb: error: No space left on device", retry)).toMatchObject({ code: "engine.disk-full" });
  expect(toolError("x", "it failed", "something else", retry)).toMatchObject({ code: "x", todo: "retry" });
});

test("keys of requests", () => {
  expect(imageKey({ target: "fabric" })).toBe("fabric");
  expect(imageKey({ target: "host" })).toBe("host:trixie");
  expect(imageKey({ target: "host", suite: "sid" })).toBe("host:sid");
  expect(imageKey({ image: "alpine:3.20" })).toBe("alpine:3.20");
});

test.skipIf(process.platform !== "linux")("this process is among the processes, with its parents above it", () => {
  const all = processes();
  const self = readProcess(process.pid);
  const parent = all.find(({ pid }) => pid === process.ppid);
  expect(all).toContainEqual(self);
  expect(withDescendants(parent ? [parent] : [], all)).toContainEqual(self);
});
