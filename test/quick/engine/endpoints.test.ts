import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { connect } from "../../../harness/engine/connect.ts";
import { candidates, type EndpointInputs } from "../../../harness/engine/endpoints.ts";
import { sshTarget } from "../../../harness/engine/ssh-tunnel.ts";

const EMBEDDED = "unix:///run/forwardlab/0/docker.sock";

function inputs(env: NodeJS.ProcessEnv, files: Record<string, string> = {}): EndpointInputs {
  return { env, home: "/home/me", uid: 1000, read: (path) => files[path], embedded: EMBEDDED };
}

function context(name: string, host: string): Record<string, string> {
  const id = createHash("sha256").update(name).digest("hex");
  return { [`/home/me/.docker/contexts/meta/${id}/meta.json`]: JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }) };
}

describe("endpoints in order", () => {
  test("with nothing set: the usual sockets, the embedded engine last", () => {
    expect(candidates(inputs({ XDG_RUNTIME_DIR: "/run/user/1000" })).map(({ endpoint }) => endpoint)).toEqual([
      "unix:///var/run/docker.sock",
      "unix:///run/user/1000/docker.sock",
      "unix:///home/me/.docker/run/docker.sock",
      "unix:///run/user/1000/podman/podman.sock",
      "unix:///run/podman/podman.sock",
      EMBEDDED,
    ]);
  });

  test.each([
    ["without XDG_RUNTIME_DIR, as after su or in a cron job", {}, ["/run/user/1000"]],
    ["with an empty one", { XDG_RUNTIME_DIR: "" }, ["/run/user/1000"]],
    ["with one elsewhere", { XDG_RUNTIME_DIR: "/tmp/run" }, ["/tmp/run", "/run/user/1000"]],
  ])("rootless engines %s", (_, env, folders) => {
    const rootless = (uid: number | undefined) =>
      candidates({ ...inputs(env), uid }).flatMap(({ endpoint, source }) => (source.startsWith("rootless") ? endpoint : []));
    expect(rootless(1000)).toEqual(
      ["docker.sock", "podman/podman.sock"].flatMap((socket) => folders.map((folder) => `unix://${folder}/${socket}`)),
    );
    // A system without numbers for accounts has no such folder.
    expect(rootless(undefined).some((endpoint) => endpoint.includes("/run/user/"))).toBe(false);
  });

  test("DOCKER_HOST is the only one", () => {
    const config = { "/home/me/.docker/config.json": '{"currentContext":"colima"}', ...context("colima", "unix:///colima.sock") };
    expect(candidates(inputs({ DOCKER_HOST: "tcp://engine:2375" }, config))).toEqual([
      { endpoint: "tcp://engine:2375", source: "DOCKER_HOST", explicit: true },
    ]);
  });

  test("DOCKER_HOST that names the embedded engine does not forbid to start it", () => {
    const [first, ...others] = candidates(inputs({ DOCKER_HOST: EMBEDDED }));
    expect(first).toMatchObject({ endpoint: EMBEDDED, explicit: false });
    expect(others.length).toBeGreaterThan(0);
  });

  test("the current context comes first, and others after it", () => {
    const files = { "/home/me/.docker/config.json": '{"currentContext":"colima"}', ...context("colima", "unix:///colima.sock") };
    const [first, second] = candidates(inputs({}, files));
    expect(first).toEqual({ endpoint: "unix:///colima.sock", source: 'docker context "colima"', explicit: false });
    expect(second?.endpoint).toBe("unix:///var/run/docker.sock");
  });

  test("DOCKER_CONTEXT overrides DOCKER_HOST, as in the docker command", () => {
    const env = { DOCKER_CONTEXT: "colima", DOCKER_HOST: "tcp://engine:2375" };
    expect(candidates(inputs(env, context("colima", "unix:///colima.sock"))).map(({ endpoint }) => endpoint)).toEqual([
      "unix:///colima.sock",
    ]);
  });

  test("a config file that is no JSON is passed over", () => {
    expect(candidates(inputs({}, { "/home/me/.docker/config.json": "{" }))[0]?.endpoint).toBe("unix:///var/run/docker.sock");
  });
});

test.each([
  ["ssh://server", ["--", "server"], "/var/run/docker.sock"],
  ["ssh://me@server:2222/", ["-l", "me", "-p", "2222", "--", "server"], "/var/run/docker.sock"],
  ["ssh://me@[2001:db8::1]/run/user/1000/docker.sock", ["-l", "me", "--", "2001:db8::1"], "/run/user/1000/docker.sock"],
  ["ssh://-oProxyCommand=x", ["--", "-oProxyCommand=x"], "/var/run/docker.sock"],
])("%s as ssh takes it", (endpoint, words, socket) => {
  expect(sshTarget(endpoint)).toEqual({ words, socket });
});

test.each(["ssh://", "ssh://me@", "ssh://server:port", "ssh://a@b@c", "tcp://server"])("%s is no address for ssh", (endpoint) => {
  expect(sshTarget(endpoint)).toBeUndefined();
});

describe("why an endpoint is of no use", () => {
  const reason = async (endpoint: string) => (await connect({ endpoint, source: "", explicit: true }, EMBEDDED)).reason;

  test.each([
    ["unix:///nowhere/docker.sock", /no such socket/],
    ["tcp://127.0.0.1:1", /nothing listens there/],
    ["ssh://", /not an address of the form ssh:/],
    ["/var/run/docker.sock", /not an address of the form/],
    ["context:gone", /no such docker context/],
  ])("%s", async (endpoint, expected) => {
    expect(await reason(endpoint)).toMatch(expected);
  });
});
