/** Random nft rulesets: each holds what people write, in no sensible order. */
import type { Draw } from "../model/random.ts";
import type { Chain, Firewall, NftTable } from "./firewall-text.ts";
import { nftConditions, nftObjects, nftStatements } from "./rare-words.ts";
import { account, addresses, dialledPort, movedPort, port } from "./visitors.ts";

const sources4 = Object.values(addresses[4]).slice(1);
const sources6 = Object.values(addresses[6]).slice(1);
const networks4 = ["198.51.100.0/24", "203.0.113.0/24", "192.0.2.0/24", "203.0.113.48/28"];
const networks6 = ["2001:db8:100::/64", "2001:db8:7::/64", "2001:db8:50::/60", "2001:db8::/32"];

/** `toLoopback`: the listener is on the loopback addresses, and rules mostly lead there. */
export function drawNft(draw: Draw, { toLoopback = false } = {}): Firewall {
  const tables: NftTable[] = [mainTable(draw)];
  if (draw.chance(0.25)) tables.push(secondTable(draw));
  if (draw.chance(toLoopback ? 0.9 : 0.2)) tables.push(natTable(draw, toLoopback));
  if (draw.chance(0.1)) tables.push(rewritingTable(draw));
  if (draw.chance(0.15)) tables.push(ingressTable(draw));
  if (draw.chance(0.1)) tables.push(bystander(draw));
  if (draw.chance(0.1)) tables.push(egressTable(draw));
  if (draw.chance(0.06)) tables.push(sourceTable(draw));
  if (draw.chance(0.06)) tables.push(otherEnds(draw));
  if (draw.chance(0.1)) tables.push(lastTable(draw));
  if (draw.chance(0.06)) tables.push(aside(draw));
  return { kind: "nft", tables };
}

function mainTable(draw: Draw): NftTable {
  const family = draw.chance(0.75) ? "inet" : draw.one(["ip", "ip6"] as const);
  const book = new Book(draw, family);
  const chains: Chain[] = [inputChain(book)];
  if (draw.chance(0.35)) chains.push(outputChain(book));
  if (draw.chance(0.3)) chains.push(early(book, "prerouting", draw.one(["raw", "raw", "mangle", "dstnat - 10", "-350"])));
  if (draw.chance(0.1)) chains.push(untrackedReplies());
  return { family, name: "filter", objects: book.objects, chains: [...book.chains, ...chains] };
}

/** Not at -200: whether connection tracking, which is there, comes first depends on which was loaded first, and changes when rules are loaded again. */
function secondTable(draw: Draw): NftTable {
  const family = draw.one(["inet", "ip", "ip6"] as const);
  const book = new Book(draw, family);
  const chain = early(book, draw.one(["prerouting", "input"]), draw.one(["-199", "filter - 10", "filter + 10", "security", "mangle"]));
  return { family, name: "more", objects: book.objects, chains: [...book.chains, chain] };
}

/** What no visitor's packet meets: nothing is bridged or forwarded here. Lookups may. */
function bystander(draw: Draw): NftTable {
  const forward = { name: "forward", head: "type filter hook forward priority filter; policy drop;" };
  return draw.one<NftTable>([
    {
      family: "bridge",
      name: "bridged",
      objects: [],
      chains: [{ name: "input", head: "type filter hook input priority 0; policy drop;", rules: [`tcp dport ${port} drop`] }],
    },
    {
      family: "inet",
      name: "fast_lane",
      objects: ["flowtable fast { hook ingress priority 0; devices = { eth0 }; }"],
      chains: [{ ...forward, rules: ["ct state established flow add @fast", "ct state established,related accept"] }],
    },
    {
      family: "arp",
      name: "lookups",
      objects: [],
      chains: [
        {
          name: "input",
          head: "type filter hook input priority 0; policy accept;",
          // The host beside the server: it asks in its own name.
          rules: [...(draw.chance(0.5) ? ["arp operation reply accept"] : []), "arp saddr ip 198.51.100.20 drop"],
        },
      ],
    },
  ]);
}

function natTable(draw: Draw, toLoopback: boolean): NftTable {
  const family = draw.one(["inet", "ip", "ip6"] as const);
  const own = family === "ip6" ? `[${addresses[6].server}]` : addresses[4].server;
  const ip = family === "inet" ? "ip " : "";
  const way = (from: number | string) => (toLoopback && family !== "ip6" && draw.chance(0.7) ? inward(from) : anyWay(from));
  const inward = (from: number | string) => `tcp dport ${from} dnat ${ip}to 127.0.0.1:${draw.one([22, port, port, port])}`;
  const anyWay = (from: number | string) =>
    draw.one([
      `tcp dport ${from} redirect to :${draw.one([22, 8080, port])}`,
      `iifname "eth0" tcp dport ${from} redirect to :${draw.one([22, port])}`,
      `tcp dport ${from} dnat ${ip}to ${family === "ip6" ? own : addresses[4].server}:${draw.one([22, port])}`,
      `fib daddr type local tcp dport ${from} redirect to :${draw.one([22, port])}`,
      // To one of several.
      `tcp dport ${from} redirect to :${port - 2}-${port + 2}${draw.one(["", " random"])}`,
      ...(family === "ip6" ? [] : [`tcp dport ${from} dnat ip to 198.51.100.9-198.51.100.10:${port}`]),
      `redirect to :tcp dport map { ${from} : ${draw.one([22, port])}, 8443 : 22 }`,
      ...(family === "ip6"
        ? []
        : [
            `dnat ip addr . port to tcp dport map { ${from} : ${addresses[4].server} . ${draw.one([22, port])} }`,
            inward(from),
            `dnat ip to ip saddr map { ${draw.one(sources4)} : ${addresses[4].server}, 192.0.2.0/26 : ${addresses[4].server} }`,
          ]),
      `tcp dport ${from} meta mark set 0x1 redirect to :${draw.one([22, port])}`,
      `tcp dport { ${from}, 8443 } jump leads`,
      `tcp dport ${Number(from) - 40}-${Number(from) + 40} ${draw.one(["redirect to :22", `redirect to :${port}`, "jump leads"])}`,
      draw.one([`meta l4proto tcp redirect to :${port}`, "jump leads"]),
    ]);
  const leads: Chain = { name: "leads", head: "", rules: [`meta l4proto tcp redirect to :${draw.one([22, port, port])}`] };
  const rules = Array.from({ length: draw.one([1, 1, 2]) }, () => `tcp dport != 22 ${way(draw.one([port, port, movedPort]))}`);
  const chains: Chain[] = [leads, { name: "pre", head: "type nat hook prerouting priority dstnat; policy accept;", rules }];
  if (draw.chance(0.3)) chains.push({ name: "out", head: "type nat hook output priority -100; policy accept;", rules: [way(port)] });
  if (draw.chance(0.4))
    chains.push({ name: "post", head: "type nat hook postrouting priority srcnat; policy accept;", rules: ['oifname "eth0" masquerade'] });
  return { family, name: "nat", objects: [], chains };
}

/** A new port written into each packet, with or without the way back. */
function rewritingTable(draw: Draw): NftTable {
  const from = draw.one([port, movedPort, movedPort]);
  const to = draw.one([22, port, port]);
  const tracking = draw.one(["notrack", "notrack", "counter"]);
  const priority = draw.one(["raw", "raw", "mangle"]);
  const chains: Chain[] = [
    {
      name: "pre",
      head: `type filter hook prerouting priority ${priority}; policy accept;`,
      rules: [`tcp dport ${from} ${tracking} tcp dport set ${to}`],
    },
  ];
  if (draw.chance(0.8))
    chains.push({
      name: "back",
      head: `type filter hook output priority ${priority}; policy accept;`,
      rules: [`tcp sport ${to} tcp dport != 0-1023 ${tracking} tcp sport set ${from}`],
    });
  return { family: "inet", name: "rewrites", objects: [], chains: to === 22 ? chains.slice(0, 1) : chains };
}

function ingressTable(draw: Draw): NftTable {
  const netdev = draw.chance(0.6);
  const book = new Book(draw, "inet", "ingress");
  const head = `type filter hook ingress device "eth0" priority ${draw.one(["-500", "0", "filter"])}; policy accept;`;
  const rules = ["tcp dport 22 accept", ...book.rules(1, 3)];
  return {
    family: netdev ? "netdev" : "inet",
    name: "early",
    objects: book.objects,
    chains: [...book.chains, { name: "ingress", head, rules }],
  };
}

/** What leaves by the wire: answers, and this machine's own connections. */
function egressTable(draw: Draw): NftTable {
  const tests = [
    `tcp sport ${port}`,
    `tcp sport ${port} tcp flags & (syn | ack) == syn | ack`,
    `tcp dport ${dialledPort}`,
    `ip daddr ${draw.one(sources4)}`,
    `ip6 daddr ${draw.one(sources6)}`,
    "icmpv6 type nd-neighbor-advert",
    "meta mark 0x1",
    "meta length 40-80 tcp flags syn",
  ];
  const rules = Array.from(
    { length: draw.one([1, 1, 2]) },
    () => `${draw.some(tests, 1, 2).join(" ")} ${draw.one(["drop", "accept", "counter drop"])}`,
  );
  const head = `type filter hook egress device "eth0" priority ${draw.one(["-500", "0", "filter"])}; policy accept;`;
  return { family: "netdev", name: "late", objects: [], chains: [{ name: "egress", head, rules: [loginAnswers, ...rules] }] };
}

/** The source as later rules see it, and a table that is switched off. */
function sourceTable(draw: Draw): NftTable {
  const dormant = draw.chance(0.5);
  const input = { name: "in", head: "type nat hook input priority 100; policy accept;" };
  const translated = { ...input, rules: [`ip saddr ${draw.one(networks4)} tcp dport ${port} snat to 10.99.0.1`] };
  const off = { name: "in", head: "type filter hook input priority 0; policy drop;", rules: [login] };
  const after = { name: "after", head: "type filter hook input priority 200; policy accept;", rules: ["ip saddr 10.99.0.1 drop"] };
  return { family: "ip", name: "sources", objects: dormant ? ["flags dormant"] : [], chains: dormant ? [off] : [translated, after] };
}

/** Another client or server written into each packet, mostly without the way back. */
function otherEnds(draw: Draw): NftTable {
  const ip = draw.one(["ip", "ip6"] as const);
  const [server, other] = ip === "ip" ? [addresses[4].server, "198.51.100.99"] : [addresses[6].server, "2001:db8:100::99"];
  const tracking = draw.one(["notrack ", ""]);
  const priority = draw.one(["raw", "mangle"]);
  const arriving = draw.one([
    `tcp dport ${port} ${tracking}${ip} saddr set ${other}`,
    `tcp dport ${port} ${tracking}tcp sport set 5555`,
    `tcp dport ${port} ${tracking}@th,0,16 set 5555`,
    `tcp dport ${movedPort} ${tracking}@th,16,16 set ${port}`,
  ]);
  const leaving = draw.one([
    `tcp sport ${port} ${tracking}${ip} saddr set ${other}`,
    `tcp sport ${port} ${tracking}${ip} daddr set ${other}`,
    `tcp sport ${port} tcp dport >= 1024 ${tracking}tcp dport set 5555`,
    `tcp sport ${port} ${tracking}${ip} saddr set ${server}`,
    `tcp sport ${port} tcp flags & rst == rst ${tracking}tcp sport set ${movedPort}`,
  ]);
  const chain = (hook: string, rule: string): Chain => ({
    name: hook,
    head: `type filter hook ${hook} priority ${priority}; policy accept;`,
    rules: [rule],
  });
  const chains = [chain(draw.one(["prerouting", "input"]), arriving), chain(draw.one(["output", "postrouting"]), leaving)];
  const some = draw.chance(0.3) ? chains : [draw.one(chains)];
  // Tracking has come before the other hooks.
  return {
    family: "inet",
    name: "ends",
    objects: [],
    chains: some.map((each) => (/hook (input|postrouting)/.test(each.head) ? untold(each) : each)),
  };
}

function untold(chain: Chain): Chain {
  return { ...chain, rules: chain.rules.map((rule) => rule.replace("notrack ", "")) };
}

/** Behind routing of what leaves, and where what leaves may be routed anew. */
function lastTable(draw: Draw): NftTable {
  const book = new Book(draw, "inet");
  const rules = (least: number, most: number) => [loginAnswers, neighbours, ...outbound(book, least, most)].map(withoutReject);
  const post: Chain = {
    name: "post",
    head: `type filter hook postrouting priority ${draw.one(["mangle", "srcnat", "300"])}; policy ${draw.chance(0.2) ? "drop" : "accept"};`,
    rules: rules(1, 3),
  };
  const route: Chain = {
    name: "route",
    head: "type route hook output priority mangle; policy accept;",
    rules: [
      loginAnswers,
      ...draw.some([`tcp sport ${port} meta mark set 0x1`, "ct state new meta mark set 0x1", `tcp sport ${port} drop`], 1, 2),
    ],
  };
  return { family: "inet", name: "last", objects: [], chains: draw.chance(0.6) ? [post] : [route] };
}

/** Not behind routing. */
function withoutReject(rule: string): string {
  return rule.replace(/reject.*$/, "drop");
}

/** Packets that are sent out of an interface as they come, or copied to one. */
function aside(draw: Draw): NftTable {
  const to = draw.one(['"lo"', '"eth0"']);
  const what = draw.one([`tcp dport ${port}`, `ip saddr ${draw.one(sources4)} tcp dport ${port}`, "tcp dport 40000-50000"]);
  const how = draw.one([
    `fwd to ${to}`,
    `fwd to ${to}`,
    `dup to ${to}`,
    'fwd ip to 198.51.100.20 device "eth0"',
    `limit rate 1/minute fwd to ${to}`,
  ]);
  const rule = how.startsWith("fwd ip") && !what.includes("ip saddr") ? `meta protocol ip ${what} ${how}` : `${what} ${how}`;
  const head = 'type filter hook ingress device "eth0" priority 10; policy accept;';
  return { family: "netdev", name: "aside", objects: [], chains: [{ name: "ingress", head, rules: [login, rule] }] };
}

/** Every chain lets the lab's own login pass, as the chains of every server do that somebody can still log in to. */
const login = "tcp dport 22 accept";
const loginAnswers = "tcp sport 22 accept";
const neighbours = "meta l4proto { icmp, ipv6-icmp } accept";

function inputChain(book: Book): Chain {
  const { draw } = book;
  const priority = draw.one(["0", "filter", "filter - 1", "filter + 10", "-50"]);
  const head = `type filter hook input priority ${priority}; policy ${draw.chance(0.7) ? "drop" : "accept"};`;
  const usual = [
    draw.chance(0.85) ? draw.one(["iif lo accept", 'iifname "lo" accept', 'meta iifname "lo" accept']) : "",
    draw.chance(0.92)
      ? draw.one(["ct state established,related accept", "ct state vmap { established : accept, related : accept, invalid : drop }"])
      : "",
    draw.chance(0.92) ? neighbours : "",
  ];
  return { name: "input", head, rules: [login, ...usual.filter((rule) => rule !== ""), ...book.rules(1, 6)] };
}

function outputChain(book: Book): Chain {
  const { draw } = book;
  const head = `type filter hook output priority ${draw.one(["0", "filter", "mangle"])}; policy ${draw.chance(0.25) ? "drop" : "accept"};`;
  const usual = [
    draw.chance(0.75) ? draw.one(["ct state established,related accept", "ct state established accept", "ct direction reply accept"]) : "",
    draw.chance(0.9) ? neighbours : "",
    draw.chance(0.8) ? "oif lo accept" : "",
  ];
  return { name: "output", head, rules: [loginAnswers, ...usual.filter((rule) => rule !== ""), ...outbound(book, 1, 3)] };
}

function outbound({ draw, family }: Book, least: number, most: number): string[] {
  const tests = [
    `meta skuid ${account.uid}`,
    "meta skuid != 0",
    `meta skuid { 0, ${account.uid} }`,
    `meta skgid ${account.uid}`,
    ...(family === "ip6" ? [`ip6 daddr ${addresses[6].campus}`] : [`ip daddr ${addresses[4].campus}`, "ip daddr 198.51.100.0/24"]),
    `tcp dport ${dialledPort}`,
    "ct state new",
    `tcp sport ${port}`,
    'oifname "eth0"',
    "tcp flags & (syn | ack) == syn | ack",
    // The ports that Linux connects from.
    "tcp dport 32768-60999",
    "tcp dport >= 1024",
    "tcp dport 1-1023",
    "ct direction reply",
    "ct state untracked",
    "ct state invalid",
    `meta l4proto tcp ct original proto-dst ${port}`,
    "meta mark 0x1",
    "ct mark 0x1",
  ];
  return Array.from({ length: draw.one([least, least + 1, most]) }, () => {
    const words = draw.some(tests, 1, 2).join(" ");
    return `${words} ${draw.one(["drop", "reject", "accept", "counter drop", reject(family)])}`;
  });
}

function early(book: Book, hook: string, priority: string): Chain {
  const { draw } = book;
  const raw = hook === "prerouting" && (priority === "raw" || priority === "-350");
  const own = book.rules(1, 3);
  if (raw && draw.chance(0.4))
    own.push(`${draw.one([`tcp dport ${port}`, "meta l4proto tcp", 'iifname "eth0" tcp dport != 22', "iif lo"])} notrack`);
  const rules = [login, ...(draw.chance(0.9) ? [neighbours] : []), ...own];
  return { name: `${hook}_early`, head: `type filter hook ${hook} priority ${priority}; policy accept;`, rules };
}

/** The other half of a stateless firewall. */
function untrackedReplies(): Chain {
  const head = "type filter hook output priority raw; policy accept;";
  return { name: "output_raw", head, rules: [`tcp sport ${port} notrack`, "oif lo notrack"] };
}

/** Rules of one table, and the sets and chains that they name. */
class Book {
  readonly objects: string[] = [];
  readonly chains: Chain[] = [];
  readonly draw: Draw;
  readonly family: NftTable["family"];
  readonly #at: "ingress" | "later";
  #depth = 0;

  constructor(draw: Draw, family: NftTable["family"], at: "ingress" | "later" = "later") {
    this.draw = draw;
    this.family = family;
    this.#at = at;
  }

  rules(least: number, most: number): string[] {
    const count = least + Math.floor(this.draw.next() * (most - least + 1));
    return Array.from({ length: count }, () => this.#rule());
  }

  #rule(): string {
    const { draw } = this;
    if (draw.chance(0.1)) return this.#verdictMap();
    // A rule about both families matches nothing, and nft refuses it.
    const family = this.family === "ip" || this.family === "ip6" ? this.family : draw.one(["ip", "ip", "ip6"] as const);
    // At ingress a rule about anything would meet ARP, too, and nobody could log in.
    const words = [
      this.#at === "ingress" || draw.chance(0.75) ? this.#portTest() : "",
      draw.chance(0.6) ? this.#test(family) : "",
      draw.chance(0.25) ? this.#stateTest(family) : "",
      draw.chance(0.25) ? this.#rareTest() : "",
    ];
    const said = words.filter((word) => word !== "").join(" ");
    return `${said === "" ? this.#portTest() : said} ${draw.chance(0.2) ? "counter " : ""}${this.#verdict()}`;
  }

  #portTest(): string {
    return this.draw.one([
      `tcp dport ${port}`,
      `tcp dport ${port}`,
      `tcp dport { ${port}, 8080 }`,
      "tcp dport 40000-50000",
      "tcp dport != 22",
      "meta l4proto tcp",
      "tcp dport 8080",
      `tcp flags & (fin | syn | rst | ack) == syn tcp dport ${port}`,
    ]);
  }

  #test(family: "ip" | "ip6"): string {
    const { draw } = this;
    const sources = family === "ip" ? sources4 : sources6;
    const networks = family === "ip" ? networks4 : networks6;
    const type = family === "ip" ? "ipv4_addr" : "ipv6_addr";
    return draw.one([
      `${family} saddr ${draw.one(sources)}`,
      `${family} saddr ${draw.one(networks)}`,
      `${family} saddr != ${draw.one(networks)}`,
      `${family} saddr { ${[...new Set(draw.some(sources, 1, 3))].join(", ")} }`,
      `${family} saddr @${this.#set(type, [...new Set(draw.some(networks.slice(0, 3), 1, 2))])}`,
      `${family} saddr @${this.#bans(type, [...new Set(draw.some(sources, 1, 2))])}`,
      `${family} saddr @${this.#counting(type, [...new Set(draw.some(sources, 1, 2))])}`,
      `${family} saddr . tcp dport { ${draw.one(sources)} . ${draw.one([port, 8080])}, ${draw.one(networks)} . 40000-50000 }`,
      `${family} saddr . tcp dport @${this.#pairs(type, draw.one(sources))}`,
      family === "ip" ? "ip saddr & 255.255.255.240 == 203.0.113.48" : "ip6 saddr & ffff:ffff:ffff:: == 2001:db8:7::",
      `${family} daddr ${family === "ip" ? addresses[4].server : addresses[6].server}`,
      family === "ip" ? "ip ttl > 1" : "ip6 hoplimit > 1",
      "meta mark 0x1",
      "meta mark != 0x1",
      ...(this.family === "inet" ? ["meta nfproto ipv4", "meta nfproto ipv6"] : []),
      ...(this.#at === "ingress" ? [] : laterTests),
      "tcp option maxseg exists",
      "tcp option timestamp exists",
      "meta length 40-80",
      "tcp flags syn / fin,syn,rst,ack",
      "tcp sport 1024-65535",
      "meta pkttype host",
    ]);
  }

  #rareTest(): string {
    const { any, later } = nftConditions;
    const words = this.draw.one(this.#at === "ingress" ? any : [...any, ...later]);
    // Of two families only one is this table's.
    const other = { ip: /\bip6\b/, ip6: /\bip\b|ipv4/ }[this.family as string];
    return other?.test(words) ? `tcp dport ${port}` : this.#withObjects(words);
  }

  /** Of what the verdict's hook takes; with the objects that it names. */
  #rareVerdict(): string {
    const { any, early: before, late } = nftStatements;
    const statement = this.draw.one([...any, ...(this.#at === "ingress" ? [] : [...before, ...late, ...late])]);
    if (statement.includes("icmpx") && this.family !== "inet") return reject(this.family);
    return this.#withObjects(statement);
  }

  #withObjects(words: string): string {
    for (const object of nftObjects) {
      const [, name = ""] = / ([\w-]+) \{/.exec(object) ?? [];
      if (words.includes(name) && !this.objects.includes(object)) this.objects.push(object);
    }
    return words;
  }

  /** What makes one visitor's answer another than the next one's. */
  #stateTest(family: "ip" | "ip6"): string {
    const { draw } = this;
    const limit = draw.one(limits);
    if (this.#at === "ingress") return `limit rate ${limit}`;
    const source = `${family} saddr`;
    const seen = `@${this.#dynamic("seen", family)}`;
    return draw.one([
      `limit rate ${limit}`,
      `limit rate ${limit}`,
      `ct count ${draw.one(["1", "over 1", "over 3", "over 20"])}`,
      `quota ${draw.one(["", "over "])}${draw.one([50, 500])} bytes`,
      `ct state new add ${seen} { ${source} }`,
      `ct state new update ${seen} { ${source} limit rate ${draw.one(["1/minute", "over 1/minute", "over 2/second burst 1 packets"])} }`,
      `${source} ${seen}`,
      `${source} != ${seen}`,
      `add @${this.#dynamic("counted", family)} { ${source} ct count ${draw.one(["over 1", "over 5"])} }`,
      "ct packets > 2",
      "ct original bytes > 100",
    ]);
  }

  #verdict(): string {
    const { draw } = this;
    if (draw.chance(0.08)) return this.#rareVerdict();
    if (this.#at === "ingress") return draw.one(["drop", "drop", "accept", "continue"]);
    if (draw.chance(0.1))
      return draw.one(["meta mark set 0x1", "meta mark set meta mark | 0x2", "ct mark set 0x1", "meta mark set ct mark"]);
    if (this.#depth === 0 && draw.chance(0.15)) return `${draw.one(["jump", "goto"])} ${this.#chain()}`;
    return draw.one(["accept", "accept", "drop", "drop", "drop", "reject", "reject with tcp reset", reject(this.family), "return"]);
  }

  #verdictMap(): string {
    const { draw } = this;
    const verdict = () =>
      draw.one(["accept", "drop", "continue", this.#depth === 0 && this.#at === "later" ? `jump ${this.#chain()}` : "accept"]);
    return draw.one([
      `tcp dport vmap { ${port} : ${verdict()}, 8080 : drop }`,
      `tcp dport vmap { 0-1023 : continue, 1024-65535 : ${verdict()} }`,
      ...(this.#at === "ingress"
        ? []
        : [
            `ct state vmap { new : ${verdict()}, established : accept, invalid : drop, untracked : ${verdict()} }`,
            `iifname vmap { "lo" : accept, "eth0" : ${verdict()} }`,
            `iifname . tcp dport vmap { "eth0" . ${port} : ${verdict()}, "lo" . ${port} : accept }`,
          ]),
      ...(this.family === "inet" && this.#at === "later"
        ? [`meta nfproto vmap { ipv4 : ${verdict()}, ipv6 : ${verdict()} }`, `meta protocol vmap { ip : ${verdict()}, ip6 : ${verdict()} }`]
        : []),
      ...(this.family === "ip" ? [] : [`ip6 nexthdr vmap { ipv6-icmp : accept, tcp : ${verdict()}, udp : drop }`]),
      ...(this.family === "ip6" ? [] : [`ip protocol vmap { icmp : accept, tcp : ${verdict()}, udp : drop }`]),
      `numgen random mod 1 vmap { 0 : ${verdict()} }`,
      ...(this.family === "ip6" ? [] : [`ip saddr vmap @${this.#verdicts("ipv4_addr", [...new Set(draw.some(sources4, 1, 3))])}`]),
      ...(this.family === "ip" ? [] : [`ip6 saddr vmap @${this.#verdicts("ipv6_addr", [...new Set(draw.some(sources6, 1, 3))])}`]),
      `meta l4proto . th dport vmap { tcp . ${port} : ${verdict()}, udp . 53 : accept }`,
      ...(this.family === "ip6"
        ? []
        : [
            `ip saddr vmap { ${draw.one(sources4)} : ${verdict()}, 198.51.100.0/24 : ${verdict()} }`.replace(
              /\{ 198\.51\.100\.20 : [^,]*, /,
              "{ ",
            ),
          ]),
    ]);
  }

  #chain(): string {
    const name = `c${this.chains.length + 1}`;
    this.#depth++;
    this.chains.push({ name, head: "", rules: this.rules(1, 3) });
    this.#depth--;
    return name;
  }

  #set(type: string, elements: readonly string[]): string {
    const name = `s${this.objects.length + 1}`;
    this.objects.push(`set ${name} { type ${type}; flags interval; auto-merge; elements = { ${elements.join(", ")} }; }`);
    return name;
  }

  /** As CrowdSec and fail2ban leave them. */
  #bans(type: string, sources: readonly string[]): string {
    const name = `s${this.objects.length + 1}`;
    const elements = sources.map((source) => `${source} timeout 4h expires 3h`).join(", ");
    this.objects.push(`set ${name} { type ${type}; flags timeout; elements = { ${elements} } }`);
    return name;
  }

  /** What each of its members has sent counts for itself. */
  #counting(type: string, sources: readonly string[]): string {
    const name = `s${this.objects.length + 1}`;
    const amount = this.draw.one([
      "quota over 100 bytes",
      "quota over 900 bytes",
      "quota 100 bytes",
      "limit rate 1/minute burst 1 packets",
    ]);
    const elements = sources.map((source) => `${source} ${amount}`).join(", ");
    this.objects.push(`set ${name} { type ${type}; ${amount}; elements = { ${elements} } }`);
    return name;
  }

  /** One verdict for each of them. */
  #verdicts(type: string, sources: readonly string[]): string {
    const name = `s${this.objects.length + 1}`;
    const verdict = () => this.draw.one(["accept", "drop", "continue"]);
    const elements = sources.map((source) => `${source} : ${verdict()}`).join(", ");
    this.objects.push(`map ${name} { type ${type} : verdict; elements = { ${elements} } }`);
    return name;
  }

  #pairs(type: string, source: string): string {
    const name = `s${this.objects.length + 1}`;
    this.objects.push(`set ${name} { type ${type} . inet_service; elements = { ${source} . ${port} } }`);
    return name;
  }

  /** One for each kind and family: what a rule adds, another one asks for. Elements that count connections end with them, not by a timeout. */
  #dynamic(kind: "seen" | "counted", family: "ip" | "ip6"): string {
    const name = `${kind}_${family}`;
    const type = family === "ip" ? "ipv4_addr" : "ipv6_addr";
    const flags = kind === "seen" ? "flags dynamic,timeout; timeout 10m;" : "flags dynamic;";
    if (!this.objects.some((each) => each.startsWith(`set ${name} `)))
      this.objects.push(`set ${name} { type ${type}; size 65535; ${flags} }`);
    return name;
  }
}

const laterTests = [
  'iifname "eth0"',
  "iif eth0",
  'iifname != "lo"',
  'iifname { "lo", "eth*" }',
  "ct state new",
  "ct state { new, untracked }",
  "ct state invalid",
  "fib daddr type local",
  "fib saddr . iif oif missing",
  "ct direction original",
  "ct direction reply",
  "ct state untracked",
  "ct status dnat",
  "ct mark 0x1",
  `meta l4proto tcp ct original proto-dst ${port}`,
  "ct status != dnat",
];

const limits = [
  "1/second",
  "2/minute",
  "1/hour",
  "100/second",
  "10/second burst 1 packets",
  "over 5/minute burst 1 packets",
  "over 1/second",
];

/** `icmpx` is for both families at once. */
function reject(family: NftTable["family"]): string {
  if (family === "ip") return "reject with icmp host-prohibited";
  return family === "ip6" ? "reject with icmpv6 addr-unreachable" : "reject with icmpx admin-prohibited";
}
