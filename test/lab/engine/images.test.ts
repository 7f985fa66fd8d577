import { beforeAll, describe, expect, test } from "vitest";
import type { Step } from "../../../harness/core/step.ts";
import { type Engine, ensureEngine, ensureImages, OPENSSH_BY_SUITE, SUITES } from "../../../harness/engine/index.ts";

const said: string[] = [];
const progress = ({ text }: Step) => void said.push(text);
let engine: Engine;

beforeAll(async () => {
  engine = await ensureEngine({ progress });
});

/** What a command prints in a fresh container without network. */
async function output(image: string, command: string): Promise<string> {
  const container = await engine.docker.createContainer({
    Image: image,
    Cmd: ["sh", "-c", command],
    Tty: true,
    HostConfig: { NetworkMode: "none" },
  });
  try {
    await container.start();
    await container.wait();
    return (await container.logs({ stdout: true, stderr: true })).toString();
  } finally {
    await container.remove({ force: true });
  }
}

describe("the lab's own images", () => {
  test.each(SUITES)("%s brings the OpenSSH that its name promises", async (suite) => {
    const images = await ensureImages(engine, [{ target: "host", suite }], { progress });
    const text = await output(images[`host:${suite}`]?.reference ?? "", "sshd -V 2>&1; ls /etc/ssh/ssh_host_* 2>&1; ls -d /run/sshd");
    expect(text).toContain(`OpenSSH_${OPENSSH_BY_SUITE[suite]}`);
    expect(text).toContain("cannot access '/etc/ssh/ssh_host_*'");
    expect(text).toMatch(/^\/run\/sshd/m);
  });

  test("the fabric has a Python that can enter namespaces, and the tools of a router", async () => {
    const { fabric } = await ensureImages(engine, [{ target: "fabric" }], { progress });
    const text = await output(
      fabric?.reference ?? "",
      "python3 -c 'import asyncio, os; print(os.setns)'; nft --version; ip -V; tcpdump --version; ls agent/__main__.py",
    );
    expect(text).toMatch(/built-in function setns[\s\S]*nftables v1[\s\S]*iproute2[\s\S]*tcpdump version[\s\S]*agent\/__main__\.py/);
  });

  test("when they are there, nothing is done and nothing is said", async () => {
    const requests = [{ target: "fabric" }, ...SUITES.map((suite) => ({ target: "host", suite }))];
    const first = await ensureImages(engine, requests, { progress });
    said.length = 0;
    const started = performance.now();
    expect(await ensureImages(engine, requests, { progress })).toEqual(first);
    expect(performance.now() - started).toBeLessThan(500); // measured: 5 ms
    expect(said).toEqual([]);
  });
});

describe("an image of the user's", () => {
  test("that is there is taken as it is", async () => {
    const { fabric } = await ensureImages(engine, [{ target: "fabric" }], { progress });
    const name = fabric?.reference ?? "";
    expect((await ensureImages(engine, [{ image: name }], { progress }))[name]).toMatchObject({ reference: name, id: fabric?.id });
  });

  test.each(["forwardlab-test/does-not-exist:1", "localhost:1/nothing"])("%s: neither there nor to be had", async (image) => {
    const code = (pull: boolean) => ensureImages(engine, [{ image }], { progress, pull }).catch((error: { code: string }) => error.code);
    expect(await code(false)).toBe("image.not-pulled");
    await expect(ensureImages(engine, [{ image }], { progress, pull: true })).rejects.toMatchObject({
      code: "image.not-found",
      message: expect.stringContaining(image),
    });
  });

  test.each(["Not A Name", "../../containers/json", ""])("%j is no name", async (image) => {
    await expect(ensureImages(engine, [{ image }], { progress })).rejects.toMatchObject({ code: "image.bad-name" });
  });
});
