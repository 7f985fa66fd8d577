/** Rules made at random that tell ports apart, in all the ways in which people write ports, together with what they mean. */
import type { PortRange } from "../../../harness/core/port-range.ts";
import type { Pick } from "./random-ruleset.ts";

export interface PortRules {
  /** The contents of the files; nft gets them in this order. */
  files: string[];
  /** The output of `ipset save`. */
  ipsets: string;
  /** Each the ports for which one condition holds, or that one condition leads to. */
  conditions: PortRange[][];
}

interface Value extends PortRange {
  text: string;
}

/** Apart from each other, so that they can be the keys of one map. Each in several ways of writing. */
const values: readonly { ports: PortRange; nft: readonly string[]; iptables: readonly string[] }[] = [
  single(22, ["22", "0x16", "026", '"ssh"'], ["22", "0x16", "ssh"]),
  single(80, ["80", "http"], ["80", "www"]),
  single(1),
  single(1024),
  single(8080, ["8080", "http-alt", "webcache"], ["8080", "http-alt"]),
  single(43234),
  single(65535, ["65535", "0xffff"]),
  range(20, 21, ["20-21", "ftp-data - ftp", "20-ftp"], ["20:21", "ftp-data:ftp"]),
  range(1025, 2000),
  range(4096, 4099, ["4096-4099", "4096/14"], ["4096:4099"]),
  range(50_000, 65_534),
];

function single(port: number, nft = [String(port)], iptables = [String(port)]) {
  return { ports: { first: port, last: port }, nft, iptables };
}

function range(first: number, last: number, nft = [`${first}-${last}`, `${first} - ${last}`], iptables = [`${first}:${last}`]) {
  return { ports: { first, last }, nft, iptables };
}

/** Without a port, though full of numbers. */
const nftNoise = [
  "counter packets 23 bytes 300",
  "limit rate over 10/second burst 5 packets",
  "ct count over 7",
  "meta mark 81",
  "meta mark set 8081",
  "meta length 40-90",
  'log prefix "port 25" group 2',
  "meta skuid { 0, 1000 }",
  "tcp option maxseg size set 1460",
  "quota over 500 mbytes",
];
const nftRules = [
  "udp dport 53 accept",
  "udp dport { 67, 68 } accept",
  "ip6 saddr 2001:db8:443::25 accept",
  "ip saddr { 10.0.0.0/8, 192.0.2.1-192.0.2.9 } drop",
  "icmpv6 type { 130, 131 } accept",
];
const nftObjects = [
  "counter c { packets 5 bytes 300; }",
  "set a { type ipv4_addr; size 1024; timeout 10m; elements = { 10.0.0.1 timeout 1h } }",
  "chain b { type filter hook forward priority filter + 10; policy accept; }",
  "ct timeout t { protocol tcp; policy = { established : 120 }; }",
];
const iptablesNoise = [
  "-s 10.0.0.0/8",
  "-m limit --limit 3/min --limit-burst 10",
  "-m mark --mark 81",
  "-m length --length 40:90",
  "-m recent --update --seconds 60 --hitcount 4 --name http --rsource",
  "-m connlimit --connlimit-above 3 --connlimit-mask 32",
  '-m comment --comment "port 25, 443"',
  "-m owner --uid-owner 1000",
  "-c 5 300",
];

/** @param ends whether variables may end ranges: then there may be more classes than needed */
export function randomNftPorts(pick: Pick, ends: boolean): PortRules {
  return new NftPorts(pick).draw(ends);
}

export function randomIptablesPorts(pick: Pick): PortRules {
  return new IptablesPorts(pick).draw();
}

class Drawn {
  readonly conditions: PortRange[][] = [];
  readonly #pick: Pick;
  readonly #dialect: "nft" | "iptables";

  constructor(pick: Pick, dialect: "nft" | "iptables") {
    this.#pick = pick;
    this.#dialect = dialect;
  }

  oneOf<T>(choices: readonly T[]): T {
    return choices[this.#pick(choices.length - 1)] as T;
  }

  some(most: number, each: () => string): string[] {
    return Array.from({ length: this.#pick(most) }, each);
  }

  one(of = values): Value {
    const { ports, ...texts } = this.oneOf(of);
    return { ...ports, text: this.oneOf(texts[this.#dialect]) };
  }

  /** Different ones. */
  list(least = 1): Value[] {
    const left = [...values];
    return Array.from({ length: least + this.#pick(3) }, () => this.one(left.splice(this.#pick(left.length - 1), 1)));
  }

  /** A port alone. */
  port(): Value {
    return this.one(values.filter(({ ports }) => ports.first === ports.last));
  }

  holds(...ports: PortRange[]): void {
    this.conditions.push(ports);
  }

  /** For each its own condition. */
  differ(ports: readonly PortRange[]): void {
    for (const each of ports) this.holds(each);
  }
}

class NftPorts {
  readonly #drawn: Drawn;
  readonly #objects: string[] = [];
  readonly #defines: string[] = [];
  #count = 0;

  constructor(pick: Pick) {
    this.#drawn = new Drawn(pick, "nft");
  }

  draw(ends: boolean): PortRules {
    const forms = [this.#compared, this.#bounded, this.#listed, this.#named, this.#defined, this.#mapped, this.#joined, this.#ledElsewhere];
    const form = () => this.#drawn.oneOf(ends ? [...forms, this.#variable] : forms).call(this);
    const noise = () => this.#drawn.some(2, () => this.#drawn.oneOf(nftNoise));
    const written = [form(), ...this.#drawn.some(4, form)].map((rule) => [...noise(), rule].join(" "));
    const rules = [...this.#drawn.some(2, () => this.#drawn.oneOf(nftRules)), ...written];
    const objects = [...this.#objects, ...this.#drawn.some(2, () => this.#drawn.oneOf(nftObjects))];
    const chain = `chain input {\ntype nat hook prerouting priority -100; policy accept;\n${rules.join(this.#drawn.oneOf(["\n", ";\n", "; "]))}\n}`;
    const table = `table inet filter {\n${[...objects, chain].join("\n")}\n}\n`;
    return { files: [this.#defines.join("\n"), table], ipsets: "", conditions: this.#drawn.conditions };
  }

  #field(): string {
    return this.#drawn.oneOf(["tcp dport", "tcp sport", "th dport", "meta l4proto tcp ct original proto-dst"]);
  }

  #list(of: readonly Value[]): string {
    const between = this.#drawn.oneOf([", ", ",", ",\n  ", " , "]);
    const [left, right] = this.#drawn.oneOf([
      ["{ ", " }"],
      ["{", "}"],
      ["{\n", "\n}"],
    ]) as [string, string];
    return `${left}${of.map(({ text }) => text).join(between)}${right}`;
  }

  #compared(): string {
    const value = this.#drawn.one();
    this.#drawn.holds(value);
    return `${this.#field()}${this.#drawn.oneOf([" ", " != ", "!=", " == ", " ne "])}${value.text} accept`;
  }

  #bounded(): string {
    const { first, text } = this.#drawn.port();
    const [word, from, to] = this.#drawn.oneOf([
      [">", first + 1, 65535],
      ["gt", first + 1, 65535],
      [">=", first, 65535],
      ["<", 0, first - 1],
      ["lt", 0, first - 1],
      ["<=", 0, first],
    ] as const);
    this.#drawn.holds({ first: from, last: to });
    return `${this.#field()} ${word} ${text} accept`;
  }

  #listed(): string {
    const list = this.#drawn.list();
    this.#drawn.holds(...list);
    return `${this.#field()} ${this.#drawn.oneOf(["", "!= "])}${this.#list(list)} accept`;
  }

  #named(): string {
    const list = this.#drawn.list();
    const name = `s${++this.#count}`;
    this.#drawn.holds(...list);
    const type = this.#drawn.oneOf(["type inet_service", "typeof tcp dport"]);
    this.#objects.push(`set ${name} { ${type}; flags interval; elements = ${this.#list(list)}; }`);
    return `${this.#field()} @${name} accept`;
  }

  #defined(): string {
    const list = this.#drawn.list();
    const name = `ports${++this.#count}`;
    this.#drawn.holds(...list);
    this.#defines.push(`define ${name} = ${this.#list(list)}`);
    return `${this.#field()} $${name} accept`;
  }

  #mapped(): string {
    const list = this.#drawn.list();
    this.#drawn.differ(list);
    const entries = list.map(({ text, ...ports }) => ({ ...ports, text: `${text}${this.#drawn.oneOf([" : ", ": ", ":"])}accept` }));
    return `${this.#field()} vmap ${this.#list(entries)}`;
  }

  #joined(): string {
    const list = this.#drawn.list(2);
    this.#drawn.differ(list);
    const [field, before, after] = this.#drawn.oneOf([
      ["ip saddr . tcp dport", "10.0.0.1 . ", ""],
      ["tcp dport . ip saddr", "", " . 10.0.0.1"],
      ["tcp dport . meta mark", "", " . 81-81"],
    ] as const);
    if (after.includes("81")) this.#drawn.holds({ first: 81, last: 81 });
    return `${field} ${this.#list(list.map((each) => ({ ...each, text: `${before}${each.text}${after}` })))} accept`;
  }

  #ledElsewhere(): string {
    const value = this.#drawn.one();
    const target = this.#drawn.port();
    this.#drawn.differ([value, target]);
    const way = this.#drawn.oneOf(["redirect to :", "redirect to ", "dnat ip to 10.0.0.1:", "dnat ip6 to [2001:db8::443]:", "dnat to :"]);
    return `tcp dport ${value.text} ${way}${target.text}`;
  }

  #variable(): string {
    const name = `end${++this.#count}`;
    const { first, text } = this.#drawn.port();
    this.#defines.push(`define ${name} = ${text}`);
    const [words, from, to] = this.#drawn.oneOf([
      [`> $${name}`, first + 1, 65535],
      [`<= $${name}`, 0, first],
      [`$${name} - 65535`, first, 65535],
      [`{ 0 - $${name} }`, 0, first],
      [`{ 0-$${name} }`, 0, first],
      [`$${name}`, first, first],
    ] as const);
    this.#drawn.holds({ first: from, last: to });
    return `${this.#field()} ${words} accept`;
  }
}

class IptablesPorts {
  readonly #drawn: Drawn;
  readonly #ipsets: string[] = [];

  constructor(pick: Pick) {
    this.#drawn = new Drawn(pick, "iptables");
  }

  draw(): PortRules {
    const forms = [this.#compared, this.#open, this.#listed, this.#inIpset, this.#ledElsewhere, this.#ofUdp];
    const form = () => this.#drawn.oneOf(forms).call(this);
    const rules = [form(), ...this.#drawn.some(4, form)].map((rule) => {
      const noise = this.#drawn.some(2, () => this.#drawn.oneOf(iptablesNoise)).map((each) => ` ${each}`);
      return `${this.#drawn.oneOf(["", "[5:300] "])}${this.#drawn.oneOf(["-A INPUT", "-I INPUT 1"])}${noise.join("")} ${rule}`;
    });
    const dump = ["*filter", ":INPUT DROP [25:443]", ...rules, "COMMIT", ""].join("\n");
    return { files: [dump], ipsets: this.#ipsets.join("\n"), conditions: this.#drawn.conditions };
  }

  #field(): string {
    return `${this.#drawn.oneOf(["", "! "])}--${this.#drawn.oneOf(["dport", "sport", "destination-port", "source-port"])}`;
  }

  #compared(): string {
    const value = this.#drawn.one();
    this.#drawn.holds(value);
    return `-p tcp -m tcp ${this.#field()}${this.#drawn.oneOf([" ", "="])}${value.text} -j ACCEPT`;
  }

  #open(): string {
    const { first, text } = this.#drawn.port();
    const up = this.#drawn.oneOf([true, false]);
    this.#drawn.holds(up ? { first, last: 65535 } : { first: 0, last: first });
    return `-p tcp ${this.#field()} ${up ? `${text}:` : `:${text}`} -j ACCEPT`;
  }

  #listed(): string {
    const list = this.#drawn.list();
    this.#drawn.holds(...list);
    const option = this.#drawn.oneOf(["--dports", "--sports", "--ports", "! --dports"]);
    return `-p tcp -m multiport ${option} ${list.map(({ text }) => text).join(",")} -j ACCEPT`;
  }

  #inIpset(): string {
    const list = this.#drawn.list();
    const name = `s${this.#ipsets.length}`;
    const text = ({ first, last }: PortRange) => (first === last ? first : `${first}-${last}`);
    if (this.#drawn.oneOf([true, false])) {
      this.#drawn.holds(...list);
      this.#ipsets.push(`create ${name} bitmap:port range 0-65535`, ...list.map((each) => `add ${name} ${text(each)}`));
    } else {
      this.#drawn.differ(list);
      const type = "hash:ip,port family inet hashsize 1024 maxelem 65536";
      this.#ipsets.push(`create ${name} ${type}`, ...list.map((each) => `add ${name} 10.0.0.1,tcp:${text(each)}`));
    }
    return `-p tcp -m set --match-set ${name} src,dst -j ACCEPT`;
  }

  #ledElsewhere(): string {
    const value = this.#drawn.one();
    const target = this.#drawn.port();
    this.#drawn.differ([value, target]);
    const way = this.#drawn.oneOf([
      "REDIRECT --to-ports ",
      "DNAT --to-destination 10.0.0.1:",
      "DNAT --to-destination :",
      "TPROXY --on-port ",
    ]);
    return `-p tcp --dport ${value.text} -j ${way}${target.first}`;
  }

  #ofUdp(): string {
    return "-p udp -m udp --dport 53 -j ACCEPT";
  }
}
