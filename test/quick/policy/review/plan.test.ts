/** What a review asks for, as whom and from where: made of the user's files alone. */
import { afterAll, describe, expect, test } from "vitest";
import { parseRange } from "../../../../harness/core/address-range.ts";
import { articleLab, type LabSpec, lansOf } from "../../../../harness/core/lab-spec.ts";
import { parsePorts, portsText } from "../../../../harness/core/port-range.ts";
import { sshdConfigFromText } from "../../../../harness/openssh/sshd-config.ts";
import { loadPolicy } from "../../../../harness/policy/load-policy.ts";
import { loginEnds } from "../../../../harness/policy/review/login-ends.ts";
import { loginOrigins } from "../../../../harness/policy/review/login-origins.ts";
import { reviewPlan } from "../../../../harness/policy/review/plan.ts";
import { largestClass, reviewedPorts } from "../../../../harness/policy/review/port-plan.ts";
import { metadataAddress, metadataHost, reviewTargets, withMetadataHost } from "../../../../harness/policy/review/review-targets.ts";
import { reviewedServer } from "../../../../harness/policy/review/reviewed-server.ts";
import { withSourceClasses } from "../../../../harness/policy/source-classes.ts";
import { folderOf } from "../../cli/run-cli.ts";

const portsOf = (text: string) => [parsePorts(text) ?? { first: 0, last: 0 }];
const rangesOf = (...texts: string[]) => texts.flatMap((text) => parseRange(text) ?? []);

describe("classes of ports", () => {
  const shown = (groups: string[], { unprivileged = 1024, taken = [22], most = 3 } = {}) =>
    reviewedPorts({ groups: groups.map(portsOf), unprivileged, taken: new Set(taken), most }).map(
      ({ ranges, asked }) => `${portsText(ranges)}: ${asked.join()}`,
    );

  test("in order, with different ports that stand for each, and none of the server's own", () => {
    expect(shown(["8000-8099", "22", "1024"])).toEqual([
      "1-21, 23-1023: 1,2,3",
      "22: ",
      "1024: 1024",
      "1025-7999, 8100-65535: 1025,1026,1027",
      "8000-8099: 8000,8001,8002",
    ]);
  });

  test("as few ports as a class has, and none twice", () => {
    expect(shown(["8000-8001"], { taken: [8000], most: 7 })).toContain("8000-8001: 8001");
  });

  test("without privileged ports where Linux knows none", () => {
    expect(shown([], { unprivileged: 1 })).toEqual(["1-65535: 1,2,3"]);
    expect(shown([], { unprivileged: 0 })).toEqual(["1-65535: 1,2,3"]);
  });

  test("port 0 is nobody's", () => {
    expect(shown(["0-2"], { unprivileged: 1 })).toEqual(["1-2: 1,2", "3-65535: 3,4,5"]);
  });

  test("the largest is the one of most ports, not of most ranges", () => {
    const classes = ["1-10", "20-21", "30-31"].map((text) => ({ ranges: portsOf(text), asked: [] }));
    const scattered = { ranges: [...portsOf("20-21"), ...portsOf("30-31")], asked: [] };
    expect(largestClass([scattered, ...classes])).toBe(classes[0]);
    expect(largestClass([])).toBeUndefined();
  });
});

describe("ends of logins", () => {
  const spec: LabSpec = {
    ...articleLab(),
    hosts: {
      ...articleLab().hosts,
      server: {
        kind: "container",
        interfaces: [
          { name: "eth0", link: { lan: "server-lan" }, addresses: ["198.51.100.10/24", "2001:db8:100::10/64"] },
          { name: "eth1", link: { lan: "backend" }, addresses: ["10.20.0.5/16"] },
        ],
      },
    },
  };
  const told = async (config: string, ports = [22]) =>
    loginEnds(spec, (await sshdConfigFromText(config)).lines, ports).map(({ addresses, ports: of, named }) => [
      addresses.join(),
      of.join(),
      [named.address && "address", named.port && "port"].filter(Boolean).join(),
    ]);

  test("none where no Match line tells them apart", async () => {
    expect(await told("Port 22\nPort 2222\nMatch Address 10.0.0.0/8 User alice\n  GatewayPorts yes\n", [22, 2222])).toEqual([]);
  });

  test("addresses that the same lists match are one, negated entries and all", async () => {
    expect(await told("Match LocalAddress 10.0.0.0/8\n  GatewayPorts yes\n")).toEqual([
      ["198.51.100.10,2001:db8:100::10", "22", "address"],
      ["10.20.0.5", "22", "address"],
    ]);
    expect(await told("Match User alice localaddress=*,!2001:db8::/32\n  GatewayPorts yes\nMatch LocalAddress 192.0.2.1\n")).toEqual([
      ["198.51.100.10,10.20.0.5", "22", "address"],
      ["2001:db8:100::10", "22", "address"],
    ]);
  });

  test("a port that a line names, and all others; with each class of addresses", async () => {
    const all = "198.51.100.10,2001:db8:100::10,10.20.0.5";
    expect(await told("Match LocalPort=2222\n  GatewayPorts yes\n", [22, 2222, 2223])).toEqual([
      [all, "22,2223", "port"],
      [all, "2222", "port"],
    ]);
    expect(await told("Match LocalPort 9\n")).toEqual([[all, "22", ""]]);
    expect(await told("Match LocalAddress 10.20.0.5 LocalPort 2222\n", [22, 2222])).toHaveLength(4);
  });
});

describe("origins of logins", () => {
  function origins(groups: string[][], preferred = "home") {
    const ranges = groups.map((texts) => rangesOf(...texts));
    const { spec, sources } = withSourceClasses(articleLab(), { groups: ranges, inexact: [] }, []);
    return loginOrigins(spec, sources.classes, ranges, preferred);
  }

  test("one where nothing names clients: all of both families, from the usual client", () => {
    const [only, ...others] = origins([]);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ elsewhere: true });
    expect(only?.prefixes).toContain("198.51.100.0/24");
    expect(only?.hosts[0]).toEqual({ vantage: "home", family: 4 });
    expect(only?.hosts.map(({ vantage, family }) => `${vantage} ${family}`)).toEqual(
      expect.arrayContaining(["home 6", "internet 4", "campus 6"]),
    );
  });

  test("one for each set of lists that an address is in; sets of both families are one", () => {
    const found = origins([["45.13.0.0/16"], ["45.13.7.0/24"], ["2a01:4f8::/32", "91.7.0.0/16"]]);
    const named = found
      .filter(({ elsewhere }) => !elsewhere)
      .map(({ prefixes, hosts }) => ({ prefixes, from: hosts.map((each) => each.vantage) }));
    expect(found.filter(({ elsewhere }) => elsewhere)).toHaveLength(1);
    expect(named).toHaveLength(3);
    expect(named).toContainEqual({ prefixes: ["45.13.7.0/24"], from: ["45.13.7.1"] });
    expect(named).toContainEqual({ prefixes: ["91.7.0.0/16", "2a01:4f8::/32"], from: ["91.7.0.1", "2a01:4f8::1"] });
    expect(named.map(({ prefixes }) => prefixes[0])).toContain("45.13.0.0/22");
  });

  test("the usual client only where its address is meant", () => {
    const [first] = origins([["203.0.113.7"]]).filter(({ elsewhere }) => !elsewhere);
    expect(first).toMatchObject({
      prefixes: ["203.0.113.7"],
      hosts: [{ vantage: "home", family: 4 }],
    });
    const [rest] = origins([["203.0.113.7"]]).filter(({ elsewhere }) => elsewhere);
    expect(rest?.hosts.map(({ vantage, family }) => `${vantage} ${family}`)).not.toContain("home 4");
  });
});

describe("targets", () => {
  const spec = withMetadataHost(articleLab());
  const shown = (permitted: string[] = [], services: number[] = []) =>
    reviewTargets({ spec, services, permitted, port: 8080 }).map(({ kind, host, port }) => `${kind} ${host} ${port}`);
  const usual = shown();

  test("of each kind, each once", () => {
    expect(usual).toEqual([
      "loopback localhost 8080",
      "loopback 127.0.0.1 8080",
      "loopback ::1 8080",
      "socket /run/forwardlab-review/open.sock 0",
      "own 198.51.100.10 8080",
      "own 2001:db8:100::10 8080",
      "lan 198.51.100.20 8080",
      "lan 2001:db8:100::20 8080",
      "metadata 169.254.169.254 80",
      expect.stringMatching(/^internet \d/),
      expect.stringMatching(/^internet 2001:/),
    ]);
  });

  test("of a neighbour with other networks, its addresses on the server's own", () => {
    const { hosts, ...rest } = spec;
    const campus = hosts.campus as (typeof hosts)[string];
    const interfaces = [...campus.interfaces, { name: "eth1", link: { lan: "lab" }, addresses: ["10.9.8.1/24"] }];
    const wider = { ...rest, hosts: { ...hosts, campus: { ...campus, interfaces } } };
    const asked = reviewTargets({ spec: wider, services: [], permitted: [], port: 8080 });
    expect(asked.map(({ kind, host, port }) => `${kind} ${host} ${port}`)).toEqual(usual);
  });

  test("hosts that lists name: a star is any, a list of all or of nothing names none", () => {
    const more = (...permitted: string[]) => shown(permitted).filter((each) => !usual.includes(each));
    expect(more("any", "none", "localhost:8080", "no-port")).toEqual([]);
    expect(more("db.internal:5432", "192.0.2.1:*", "*:5432", "[2001:db8::7]:443")).toEqual([
      "listed db.internal 5432",
      "listed 192.0.2.1 8080",
      "listed localhost 5432",
      "listed 2001:db8::7 443",
    ]);
  });

  test("the services that a policy states", () => {
    expect(shown([], [5432, 8080])).toEqual([...usual.slice(0, 4), "loopback localhost 5432", ...usual.slice(4)]);
  });

  test("nobody is reached from the metadata service, and no LAN has it", () => {
    expect(spec.hosts[metadataHost]).toMatchObject({ families: [], interfaces: [{ addresses: [metadataAddress] }] });
    expect(lansOf(spec, metadataHost)).toEqual([]);
  });
});

describe("the plan", () => {
  const scopes = new AsyncDisposableStack();
  afterAll(() => scopes.disposeAsync());

  async function planOf(files: Record<string, string>, server: object = {}, network?: object, options?: { apart: boolean }) {
    const policy = { server: { sshd_config: "sshd_config", ...server }, ...(network ? { network } : {}), forwards: {} };
    const { path } = scopes.use(await folderOf({ ...files, "policy.yaml": JSON.stringify(policy) }));
    return reviewPlan(reviewedServer(await loadPolicy(path), "server"), options);
  }
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFPhFckWagB0Amn7A0xkwDFhBKHQwYn7EpIcS2CAdxTt";

  test("every bind form and class, and no port twice where the class has enough", async () => {
    const { listens, ports } = await planOf({ sshd_config: "GatewayPorts yes\n" });
    expect(ports.map(({ ranges }) => portsText(ranges))).toEqual(["1-1023", "1024-65535"]);
    expect([...new Set(listens.map(({ bind }) => bind))]).toEqual([
      "",
      ":",
      "0.0.0.0:",
      "[::]:",
      "127.0.0.1:",
      "[::1]:",
      "198.51.100.10:",
      "[2001:db8:100::10]:",
    ]);
    expect(listens).toHaveLength(16);
    expect(new Set(listens.map(({ port }) => port)).size).toBe(16);
    expect(listens[0]).toEqual({ bind: "", portClass: 0, port: 1, ssh: "-R 1:localhost:9" });
  });

  test("ports of rules, of lists and of key lines are classes; sshd's own ports and the policy's services are taken", async () => {
    const { ports, dials } = await planOf(
      {
        sshd_config: "Port 2222\nListenAddress 198.51.100.10:2200\nPermitListen 8080 localhost:8081 *:8082 [::]:8083\nPermitOpen db:5432\n",
        keys: `permitlisten="9000",permitopen="127.0.0.1:9001" ${key}\n`,
        "fw.nft": "table inet f { chain i { type filter hook input priority 0; policy drop; tcp dport { 2222, 2200, 5000 } accept; } }\n",
      },
      { firewall: "fw.nft", accounts: { alice: { authorized_keys: "keys" } }, services: { 5000: "web" } },
    );
    const texts = ports.map(({ ranges, asked }) => `${portsText(ranges)}: ${asked.length}`);
    expect(texts).toEqual(expect.arrayContaining(["2200, 2222, 5000: 0", "8080: 1", "8081: 1", "8082: 1", "8083: 1", "9000: 1"]));
    const dialled = dials.map(({ host, port }) => `${host} ${port}`);
    expect(dialled).toEqual(expect.arrayContaining(["db 5432", "127.0.0.1 9001", "localhost 5000"]));
  });

  test("a target that a list permits has a host, where no other has its address and one can; nobody is reached from it", async () => {
    const permitted = "db.internal:5432 10.20.0.5:* 198.51.100.77:22 [2001:db8:9::5]:443 DB.internal:22";
    const impossible = "198.51.100.1:80 198.51.100.255:22 224.0.0.1:1";
    const plan = await planOf({ sshd_config: `PermitOpen ${permitted} ${impossible} internet:80 localhost:25 127.0.0.1:1\n` });
    const plain = await planOf({ sshd_config: "PermitOpen internet:80 localhost:25\n" });
    const made = Object.entries(plan.spec.hosts).filter(([name]) => !(name in plain.spec.hosts));
    expect(made.map(([name, { families, interfaces }]) => [name, families, interfaces.map(({ link }) => link)])).toEqual([
      ["198.18.0.1", [], [{ router: "core" }]],
      ["10.20.0.5", [], [{ router: "core" }]],
      ["198.51.100.77", [], [{ lan: "server-lan" }]],
      ["2001:db8:9::5", [], [{ router: "core" }]],
    ]);
    expect(plan.spec.names).toEqual({ "db.internal": ["198.18.0.1"] });
    expect(plan.targets.assumed).toEqual([{ name: "db.internal", address: "198.18.0.1" }]);
    expect(plan.targets.impossible.map(({ host, port }) => `${host}:${port}`)).toEqual(impossible.split(" "));
    expect(plan.sources.classes).toEqual(plain.sources.classes);
    expect(plain.targets).toEqual({ assumed: [], impossible: [] });
  });

  test("a name that the policy states has its own address, and one that a class of sources stands for is that host", async () => {
    const { spec, targets } = await planOf(
      {
        sshd_config: "PermitOpen db:5432 10.20.0.5:22\n",
        keys: `from="10.20.0.5" ${key}\n`,
      },
      { accounts: { alice: { authorized_keys: "keys" } }, names: { db: "10.20.0.6" } },
    );
    expect(targets).toEqual({ assumed: [], impossible: [] });
    expect(spec.hosts["10.20.0.6"]).toMatchObject({ families: [] });
    expect(spec.hosts["10.20.0.5"]).toMatchObject({ families: [4] });
  });

  test("a host that a list permits is asked for with its ports: sshd need not bind to what it compares", async () => {
    const { listens } = await planOf({
      sshd_config:
        "GatewayPorts yes\nPermitListen internal:8080 *.LAN:8081 localhost:8082 *:8083 127.0.0.1:8084 [2001:db8::7]:8085 far:*\n",
    });
    const asked = (bind: string) => listens.filter((each) => each.bind === bind).map(({ port }) => port);
    expect(asked("internal:")).toEqual([8080]);
    expect(asked("x.lan:")).toEqual([8081]);
    expect(asked("[2001:db8::7]:")).toEqual([8085]);
    expect(asked("far:")).toEqual(expect.arrayContaining([8080, 8081, 8085]));
    for (const bind of ["localhost:", "*:"]) expect(asked(bind)).toEqual([]);
  });

  test("ports that the router in front of the server publishes are classes of their own", async () => {
    const { ports } = await planOf(
      { sshd_config: "" },
      { behind: "nat", public: "203.0.113.140", ports: { 22: 22, 443: 8443 } },
      { server: { address: ["172.31.5.10/20"], ipv6: false } },
    );
    expect(ports.map(({ ranges }) => portsText(ranges))).toEqual(["1-21, 23-442, 444-1023", "22", "443", "1024-8442, 8444-65535", "8443"]);
  });

  test("addresses that sshd's config and key lines name are classes of sources and origins", async () => {
    const { origins, sources, inexact } = await planOf(
      {
        sshd_config: "AllowUsers *\nMatch Address 45.13.7.0/24\n  GatewayPorts yes\nMatch Host *.example.com\n  GatewayPorts no\n",
        keys: `from="91.7.7.7" ${key}\n`,
      },
      { accounts: { alice: { authorized_keys: "keys" } } },
    );
    expect(origins.filter(({ elsewhere }) => !elsewhere).map(({ prefixes }) => prefixes)).toEqual([["45.13.7.0/24"], ["91.7.7.7"]]);
    expect(sources.classes.map(({ prefixes }) => prefixes.join())).toEqual(expect.arrayContaining(["45.13.7.0/24", "91.7.7.7"]));
    expect(inexact.clients).toEqual([{ text: "*.example.com", file: "sshd_config", line: 4 }]);
  });

  test("elements of one list are classes of their own where one of them is to be taken out, up to so many", async () => {
    const many = Array.from({ length: 40 }, (_, at) => `91.7.0.${at * 2 + 1}`);
    const firewall = `table inet t {
  set office { type ipv4_addr; elements = { 45.13.7.1, 45.13.9.0/24 } }
  set many { type ipv4_addr; elements = { ${many.join(", ")} } }
  chain c { type filter hook input priority 0; ip saddr @office tcp dport { 8000, 8005 } drop; ip saddr @many drop; }
}
`;
    const planned = async (apart: boolean) => {
      const { sources, ports } = await planOf({ sshd_config: "", "fw.nft": firewall }, { firewall: "fw.nft" }, undefined, { apart });
      const named = sources.classes.filter(({ family, rest }) => family === 4 && !rest).map(({ prefixes }) => prefixes.length);
      return { named: named.sort((one, other) => one - other), ports: ports.map(({ ranges }) => portsText(ranges)) };
    };
    const together = await planned(false);
    expect(together.ports).toContain("8000, 8005");
    expect(together.named).toEqual(expect.arrayContaining([2, 40]));
    const alone = await planned(true);
    expect(alone.ports).toEqual(expect.arrayContaining(["8000", "8005"]));
    expect(alone.named).toEqual(expect.arrayContaining([...Array<number>(34).fill(1), 8]));
  });
});
