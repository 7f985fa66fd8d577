import { describe, expect, test } from "vitest";
import { parseForwardArguments } from "../../../harness/openssh/forward-arguments.ts";
import { sharedRequest } from "../../../harness/openssh/shared-connection.ts";
import { remoteAnswer, SharedLog } from "../../../harness/openssh/shared-log.ts";

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

  const from = (log: readonly string[]) => (at: number) => log.slice(at);
  const ofClient = (log: readonly string[]) => {
    const shared = SharedLog.ofClient(all, from(log));
    return { one: shared.linesOf(one), other: shared.linesOf(other) };
  };

  test("of ssh: a remark belongs to the answer after it", () => {
    expect(ofClient(client)).toEqual({
      one: [client[0], client[4], client[5], client[7]],
      other: [client[1], client[2], client[3], client[6], client[7]],
    });
  });

  describe("of ssh: a channel is the forward's whose visitor it was opened for", () => {
    const visit = (port: number, channel: number) => [
      `debug1: client_input_channel_open: ctype forwarded-tcpip rchan ${channel} win 2097152 max 32768`,
      `debug1: client_request_forwarded_tcpip: listen localhost port ${port}, originator 127.0.0.1 port 40001`,
      "debug1: connect_next: start for host localhost ([::1]:3389)",
      "debug1: connect_next: connect host localhost ([::1]:3389) in progress, fd=5",
      `debug1: channel ${channel}: new forwarded-tcpip [127.0.0.1] (inactive timeout: 0)`,
      "debug1: confirm forwarded-tcpip",
    ];

    test("until it is free, and another one gets its number", () => {
      const mux = ["debug1: multiplexing control connection", "debug1: channel 1: new mux-control [mux-control] (inactive timeout: 0)"];
      const ofOne = [...visit(8080, 2), "debug1: channel 2: connected to localhost port 3389"];
      const ofOther = [...visit(8081, 3), "debug1: channel 3: free: 127.0.0.1, nchannels 3"];
      const later = [...visit(8081, 2), "debug1: channel 2: free: 127.0.0.1, nchannels 2"];
      const freed = ["debug1: channel 2: free: 127.0.0.1, nchannels 3"];
      const log = [...mux, ...ofOne.slice(0, 6), ...ofOther.slice(0, 6), ...ofOne.slice(6), ...ofOther.slice(6), ...freed, ...later];
      expect(ofClient(log)).toEqual({ one: [...mux, ...ofOne, ...freed], other: [...mux, ...ofOther, ...later] });
    });

    test("what failed, though both lead to the same target", () => {
      const failed = ["debug1: channel 2: connection failed: Connection refused", "connect_to localhost port 3389: failed."];
      const log = [...visit(8080, 2), ...visit(8081, 3), ...failed];
      const target = { host: "localhost", port: 3389 };
      const same = [
        { listenPort: 8080, target },
        { listenPort: 8081, target },
      ] as const;
      const shared = SharedLog.ofClient(same, from(log));
      expect(shared.linesOf(same[0])).toEqual([...visit(8080, 2), ...failed]);
      expect(shared.linesOf(same[1])).toEqual(visit(8081, 3));
    });
  });

  test("a log that grows: the same lines, and no more than up to a forward's end", () => {
    const log: string[] = [];
    const shared = SharedLog.ofClient(all, (at) => log.slice(at));
    const parts = client.map((line) => {
      log.push(line);
      shared.catchUp();
      return shared.linesOf(other);
    });
    expect(parts.at(-1)).toEqual(ofClient(client).other);
    expect(parts[1]).toEqual([]);
    expect(shared.linesOf(other, 4)).toEqual(client.slice(1, 4));
  });

  test("of sshd: by the port that a line names", () => {
    const server = [
      "error: bind [127.0.0.1]:8081: Address already in use",
      "error: channel_setup_fwd_listener_tcpip: cannot listen to port: 8081",
      "Received request from 203.0.113.7 port 8080 to remote forward to host localhost port 8081, but the request was denied.",
      "Connection closed",
    ];
    const shared = SharedLog.ofServer(all, from(server));
    expect(shared.linesOf(other)).toEqual(server);
    expect(shared.linesOf(one)).toEqual([server[2], server[3]]);
  });
});
