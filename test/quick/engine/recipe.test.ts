import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { argWords, contextPaths, targetsOf, trimTo } from "../../../harness/engine/dockerfile.ts";
import { imageRequest } from "../../../harness/engine/images.ts";
import { installPackages, npmInstall, packageFolders } from "../../../harness/engine/npm-packages.ts";
import { buildContext, filesBelow, recipeOf, tagOf } from "../../../harness/engine/recipe.ts";
import { tar } from "../../../harness/engine/tar.ts";

const DOCKERFILE = `ARG BASE=debian
# a comment
FROM \${BASE} AS tools
RUN make
FROM \${BASE} AS host
RUN install host
FROM host AS desktop
COPY --from=tools /bin/tool /bin/
COPY --chown=1:1 files/a files/b /srv/
`;

describe("the part of the Dockerfile that a target needs", () => {
  test("a target without parents", () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Dockerfile syntax
    expect(trimTo(DOCKERFILE, "host")).toBe("ARG BASE=debian\nFROM ${BASE} AS host\nRUN install host\n");
  });

  test("with its parents and what it copies from", () => {
    expect(trimTo(DOCKERFILE, "desktop")).toContain("RUN make");
    expect(trimTo(DOCKERFILE, "desktop")).toContain("RUN install host");
  });

  test("what it takes from the context", () => {
    expect(contextPaths(trimTo(DOCKERFILE, "desktop"))).toEqual(["files/a", "files/b"]);
    expect(contextPaths(trimTo(DOCKERFILE, "host"))).toEqual([]);
  });

  test("every target, with what stands above it", () => {
    expect(targetsOf(DOCKERFILE)).toEqual([
      { name: "tools", about: "a comment" },
      { name: "host", about: "" },
      { name: "desktop", about: "" },
    ]);
  });

  test("the words of an argument", () => {
    const text = 'FROM x AS host\nARG BASE\nARG PACKAGES="a b- c"\n';
    expect(argWords(text, "PACKAGES")).toEqual(["a", "b-", "c"]);
    expect(() => argWords(text, "BASE")).toThrow(/no argument BASE/);
  });

  test("an unknown target", () => {
    expect(() => trimTo(DOCKERFILE, "nothing")).toThrow(/no target nothing/);
  });
});

describe("an image by its name", () => {
  test("is one of the lab's own, or the user's", () => {
    expect(imageRequest("forwardlab/desktop")).toEqual({ target: "desktop" });
    expect(imageRequest("forwardlab/host:trixie-1")).toEqual({ image: "forwardlab/host:trixie-1" });
    expect(imageRequest("registry.example/sshd:1")).toEqual({ image: "registry.example/sshd:1" });
  });

  test("that the lab does not have is an error that names those it has", () => {
    expect(() => imageRequest("forwardlab/deskop")).toThrow(/no built-in image called deskop/);
    expect(() => imageRequest("forwardlab/fabric")).toThrow();
  });
});

describe("the tag", () => {
  function folder(): string {
    const made = mkdtempSync(join(tmpdir(), "recipe-"));
    onTestFinished(() => rmSync(made, { recursive: true }));
    mkdirSync(join(made, "agent"));
    writeFileSync(join(made, "Dockerfile"), "FROM x AS host\nRUN a\nFROM x AS fabric\nCOPY agent/ /agent/\n");
    writeFileSync(join(made, "agent/main.py"), "1");
    return made;
  }

  test("changes with what the target is made of, and only with that", () => {
    const before = folder();
    const after = folder();
    cpSync(before, after, { recursive: true });
    writeFileSync(join(after, "agent/main.py"), "2");
    const hash = (target: string, place: string) => recipeOf(target, "trixie", place).hash;
    expect(hash("fabric", after)).not.toBe(hash("fabric", before));
    expect(hash("host", after)).toBe(hash("host", before));
  });

  test("leaves out what Python leaves behind", () => {
    const place = folder();
    const { hash } = recipeOf("fabric", "trixie", place);
    mkdirSync(join(place, "agent/__pycache__"));
    writeFileSync(join(place, "agent/__pycache__/main.pyc"), "x");
    expect(recipeOf("fabric", "trixie", place).hash).toBe(hash);
  });

  test("names suite, recipe and base", () => {
    const recipe = recipeOf("host", "sid", folder());
    expect(tagOf(recipe, "sha256:0123456789abcdef")).toBe(`sid-${recipe.hash}.0123456789ab`);
  });
});

test("the build context is an archive that tar reads", () => {
  const long = "x".repeat(1000);
  const archive = tar([
    { path: "Dockerfile", content: Buffer.from("FROM x\n") },
    { path: "agent/main.py", content: Buffer.from(long) },
    { path: "agent/empty", content: Buffer.alloc(0) },
  ]);
  expect(spawnSync("tar", ["-tf", "-"], { input: archive, encoding: "utf8" }).stdout).toBe("Dockerfile\nagent/main.py\nagent/empty\n");
  expect(spawnSync("tar", ["-xOf", "-", "agent/main.py"], { input: archive, encoding: "utf8" }).stdout).toBe(long);
});

describe("packages from npm", () => {
  test("a folder with a package.json has some; nothing else asks npm", () => {
    expect(packageFolders(recipeOf("web", "trixie").files)).toEqual(["web"]);
    expect(packageFolders(recipeOf("host", "trixie").files)).toEqual([]);
  });

  test("are those of the image, not of this machine", () => {
    expect(npmInstall("/x", "amd64")).toEqual(expect.arrayContaining(["--prefix", "/x", "--os=linux", "--cpu=x64", "--libc=glibc"]));
    expect(npmInstall("/x", "arm64")).toContain("--cpu=arm64");
  });

  test("that cannot be had are an error with npm's own words", async () => {
    const cache = mkdtempSync(join(tmpdir(), "recipe-"));
    onTestFinished(() => rmSync(cache, { recursive: true }));
    onTestFinished(() => void vi.unstubAllEnvs());
    const env = {
      FORWARDLAB_CACHE: cache,
      npm_config_cache: cache,
      npm_config_registry: "http://127.0.0.1:9/",
      npm_config_fetch_retries: "0",
    };
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const missing = installPackages(recipeOf("web", "trixie"), "amd64", () => undefined);
    await expect(missing).rejects.toMatchObject({ code: "image.packages", log: expect.stringContaining("ECONNREFUSED") });
    expect(readdirSync(join(cache, "scratch"))).toEqual([]);
  });

  test("are no part of the recipe: what was installed beside a package.json changes no tag", () => {
    const folder = mkdtempSync(join(tmpdir(), "recipe-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, "web/node_modules/some/node_modules/other"), { recursive: true });
    writeFileSync(join(folder, "web/package.json"), "{}");
    writeFileSync(join(folder, "web/node_modules/some/index.js"), "1");
    writeFileSync(join(folder, "web/node_modules/some/node_modules/other/index.js"), "2");
    const paths = (path: string) => filesBelow(folder, path).map((file) => file.path);
    expect(paths("web")).toEqual(["web/package.json"]);
    expect(paths("web/node_modules")).toEqual(["web/node_modules/some/index.js", "web/node_modules/some/node_modules/other/index.js"]);
  });
});

test("all images are built on the host's, which comes first", () => {
  expect(recipeOf("host", "trixie").on).toEqual([]);
  expect(recipeOf("fabric", "trixie").on).toEqual(["host"]);
  expect(recipeOf("desktop", "trixie").on).toEqual(["host"]);
});

test("the lab's own recipes can be read", () => {
  expect(buildContext(recipeOf("host", "trixie")).toString("latin1")).toContain("openssh-server");
});
