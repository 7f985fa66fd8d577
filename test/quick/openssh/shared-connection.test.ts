import { describe, expect, test } from "vitest";
import { parseForwardArguments } from "../../../harness/openssh/forward-arguments.ts";
import { sharedRequest } from "../../../harness/openssh/shared-connection.ts";
import { clientLinesOf, remoteAnswer, serverLinesOf } from "../../../harness/openssh/shared-log.ts";

const shared = (ssh: string) => sharedRequest(parseForwardArguments(ssh));

test.for([
  ["-R 8080:localhost:80", [], "8080:localhost:80"],
  ["-N -R 8080:localhost:80", [], "8080:localhost:80"],
  ["-fNR :8080:localhost:80", [], ":8080:localhost:80"],
  ["-NTR8080:localhost:80", [], "8080:localhost:80"],
  ["ssh -N -4 -p 2222 -R 1080:localhost:80", ["-4", "-p", "2222"], "1080:localhost:80"],
  ["-N -o ServerAliveInterval=60 -R '[::1]:8080:localhost:80'", ["-o", "ServerAliveInterval=60"], "[::1]:8080:localhost:80"],
] as const)("%s shares a connection", ([ssh, options, spec]) => {
  expect(shared(ssh)).toEqual({ options, spec });
});

test.for([
  "-N -R 0:localhost:80",
  "-N -R 1080",
  "-N -v -R 8080:localhost:80",
  "-N -o 'RemoteForward 8080 localhost:80'",
  "-N -X -R 8080:localhost:80",
])("%s does not", (ssh) => {
  expect(shared(ssh)).toBeUndefined();
});

test("the server's answer, in the log of the ssh that holds the connection", () => {
  expect(remoteAnswer("debug1: mux_confirm_remote_forward: success for: listen 8080, connect localhost:80")).toEqual({
    granted: true,
    port: 8080,
  });
  expect(remoteAnswer("debug1: mux_confirm_remote_forward: failure for: listen 80, connect localhost:80")).toEqual({
    granted: false,
    port: 80,
  });
  expect(remoteAnswer("debug1: Remote connections from LOCALHOST:8080 forwarded to local address localhost:80")).toBeUndefined();
});

describe("lines of a log that forwards share", () => {
  const one = { listenPort: 8080, target: { host: "localhost", port: 80 } };
  const other = { listenPort: 8081, target: { host: "localhost", port: 81 } };
  const all = [one, other];
  const client = [
    "debug1: mux_confirm_remote_forward: success for: listen 8080, connect localhost:80",
    "debug1: Remote: Server has disabled port forwarding.",
    "debug1: mux_confirm_remote_forward: failure for: listen 8081, connect localhost:81",
    "mux_confirm_remote_forward: remote port forwarding failed for listen port 8081",
    "debug1: client_request_forwarded_tcpip: listen localhost port 8080, originator 127.0.0.1 port 40001",
    "connect_to localhost port 80: failed.",
    "connect_to localhost port 81: failed.",
    "debug1: Remote: later, about nobody in particular",
  ];

  test("of ssh: a remark belongs to the answer after it", () => {
    expect(clientLinesOf(one, all, client)).toEqual([client[0], client[4], client[5], client[7]]);
    expect(clientLinesOf(other, all, client)).toEqual([client[1], client[2], client[3], client[6], client[7]]);
  });

  test("of sshd: by the port that a line names", () => {
    const server = [
      "error: bind [127.0.0.1]:8081: Address already in use",
      "error: channel_setup_fwd_listener_tcpip: cannot listen to port: 8081",
      "Received request from 203.0.113.7 port 8080 to remote forward to host localhost port 8081, but the request was denied.",
      "Connection closed",
    ];
    expect(serverLinesOf(other, all, server)).toEqual(server);
    expect(serverLinesOf(one, all, server)).toEqual([server[2], server[3]]);
  });
});
