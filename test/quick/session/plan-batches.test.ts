import { describe, expect, test } from "vitest";
import { articleLab } from "../../../harness/core/lab-spec.ts";
import { parseForwardArguments } from "../../../harness/openssh/forward-arguments.ts";
import { planBatches, standTogether } from "../../../harness/session/plan-batches.ts";

const forward = (ssh: string, from = "home") => ({ name: ssh, from, account: "alice", ssh: parseForwardArguments(ssh) });
const batches = (...forwards: Parameters<typeof planBatches>[1][number][]) =>
  planBatches(articleLab(), forwards).map((batch) => batch.map(({ name }) => name));

describe("forwards stand together", () => {
  test("on different ports", () => {
    expect(batches(forward("-N -R 1001:localhost:80"), forward("-fN -R :1002:localhost:80"))).toHaveLength(1);
  });

  test("also from different hosts", () => {
    expect(batches(forward("-N -R 1001:localhost:80"), forward("-N -R 1002:localhost:80", "other-lan"))).toHaveLength(1);
  });

  test("and not more of them than a batch holds", () => {
    const many = Array.from({ length: 5 }, (_, at) => forward(`-N -R ${1001 + at}:localhost:80`));
    expect(planBatches(articleLab(), many, { most: 2 }).map((batch) => batch.length)).toEqual([2, 2, 1]);
  });
});

test("what a person opens together is one batch, also on the same port", () => {
  const together = { group: "both", oneSsh: true };
  const [one, other] = [forward("-N -R 1001:localhost:80"), forward("-N -R :1001:localhost:81")];
  expect(batches({ ...one, together }, forward("-N -R 1002:localhost:80"), { ...other, together })).toEqual([
    [one.name, other.name],
    ["-N -R 1002:localhost:80"],
  ]);
});

test("of a lab that is kept, those stand that want nothing that another one has, whatever their kind", () => {
  const all = ["-N -R 1001:localhost:80", "-N -L 1002:localhost:80", "-N -R :1001:localhost:81", "-N -D 1080", "-N -L 80:localhost:81"];
  const kept = standTogether(
    articleLab(),
    all.map((ssh) => forward(ssh)),
  );
  expect(kept.map(({ name }) => name)).toEqual([all[0], all[1], all[3]]);
});

describe("a forward whose login may be refused", () => {
  const [refused, granted] = [{ ...forward("-N -R :443:localhost:80"), loginMayFail: true }, forward("-N -R 1001:localhost:80")];

  test("stands with one whose login is the same and has to succeed, in whatever order", () => {
    expect(batches(refused, granted)).toEqual([[granted.name, refused.name]]);
    expect(batches(granted, refused)).toEqual([[granted.name, refused.name]]);
  });

  test.for([
    ["of another account", { account: "bob" }],
    ["by another key", { keyIndex: 1 }],
    ["from another host", { from: "other-lan" }],
    ["that may be refused as well", { loginMayFail: true }],
    ["with the same port", { ssh: parseForwardArguments("-N -R 443:localhost:81") }],
  ] as const)("stands alone beside one %s", ([, other]) => {
    expect(batches({ ...granted, ...other }, refused)).toHaveLength(2);
  });
});

describe("forwards stand one after the other", () => {
  test("on the same port, whatever the address", () => {
    expect(
      batches(forward("-N -R 127.0.0.1:1001:localhost:80"), forward("-N -R 1002:localhost:80"), forward("-N -R :1001:localhost:80")),
    ).toEqual([["-N -R 127.0.0.1:1001:localhost:80", "-N -R 1002:localhost:80"], ["-N -R :1001:localhost:80"]]);
  });

  test("where one listens at the other's target", () => {
    expect(batches(forward("-N -R 1001:server:1002"), forward("-N -R 1002:localhost:80"))).toHaveLength(2);
    expect(batches(forward("-N -R 1001:server:1003"), forward("-N -R 1002:localhost:80"))).toHaveLength(1);
  });

  test("where one listens at a port that rules may lead to the other", () => {
    const leadTo = (host: string, port: number) => (host === "server" && port === 1001 ? [1002] : []);
    const planned = (...ssh: string[]) =>
      planBatches(
        articleLab(),
        ssh.map((each) => forward(each)),
        { leadTo },
      );
    const [one, other] = ["-N -R 1001:localhost:80", "-N -R 1002:localhost:80"];
    expect(planned(one, other)).toHaveLength(2);
    expect(planned(other, one)).toHaveLength(2);
    expect(planned(one, "-N -R 1003:localhost:80")).toHaveLength(1);
  });

  test.for([
    "-N -R 0:localhost:80",
    "-N -L 1002:localhost:80",
    "-N -D 1080",
    "-N -R /run/x.sock:localhost:80",
    "-N -g -R 1002:localhost:80",
    "-N -o ExitOnForwardFailure=yes -R 1002:localhost:80",
    "-N -o StreamLocalBindUnlink=yes -R 1002:localhost:80",
    "-N -o ClearAllForwardings=yes -R 1002:localhost:80",
  ])("where an ssh of its own is needed: %s", (ssh) => {
    expect(batches(forward("-N -R 1001:localhost:80"), forward(ssh), forward("-N -R 1003:localhost:80"))).toEqual([
      ["-N -R 1001:localhost:80", "-N -R 1003:localhost:80"],
      [ssh],
    ]);
  });
});
