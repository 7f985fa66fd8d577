/** Rulesets made at random together with what they mean: each rule carries a name as its comment, and where it was written is known. */

export interface WrittenRule {
  /** The rule's comment. */
  name: string;
  file: string;
  line: number;
  column: number;
}

export interface RandomRuleset {
  /** By path below /etc; the main file is `main.nft`. */
  files: Record<string, string>;
  /** By `family table chain`, in the order of evaluation. */
  chains: Map<string, WrittenRule[]>;
  policies: Map<string, "accept" | "drop">;
}

/** A whole number from 0 to `max`. */
export type Pick = (max: number) => number;

const families = ["ip", "ip6", "inet"];
const indents = ["", "  ", "\t"];

/** Every ruleset that this gives is one that nft accepts. */
export function randomRuleset(pick: Pick): RandomRuleset {
  const writer = new Writer(pick);
  writer.commands();
  return { files: writer.files, chains: writer.chains, policies: writer.policies };
}

class Writer {
  readonly files: Record<string, string> = { "main.nft": "" };
  readonly chains = new Map<string, WrittenRule[]>();
  readonly policies = new Map<string, "accept" | "drop">();
  readonly #pick: Pick;
  #file = "main.nft";
  #count = 0;

  constructor(pick: Pick) {
    this.#pick = pick;
  }

  commands(): void {
    this.#write(
      this.#oneOf(["#!/usr/sbin/nft -f\nflush ruleset\n", "flush ruleset; ", "table ip t0\n", "; table ip t0; delete table ip t0\n"]),
    );
    for (let left = 1 + this.#pick(5); left > 0; left--)
      this.#oneOf([this.#tableBlock, this.#tableBlock, this.#command, this.#noise]).call(this);
  }

  #tableBlock(): void {
    const family = this.#oneOf(families);
    const table = `t${this.#pick(1)}`;
    this.#write(`${this.#oneOf(["", "add "])}table ${family === "ip" ? this.#oneOf(["", "ip "]) : `${family} `}${table} {${this.#blank()}`);
    for (let left = this.#pick(3); left > 0; left--) {
      const item = this.#pick(4);
      if (item === 0) this.#included(() => this.#chainBlock(family, table));
      else if (item === 1) this.#object();
      else this.#chainBlock(family, table);
    }
    this.#write(`}${this.#oneOf(["\n", ";\n", "; ", " # table;\n"])}`);
  }

  #chainBlock(family: string, table: string): void {
    const chain = `c${this.#pick(2)}`;
    const key = `${family} ${table} ${chain}`;
    this.#write(`${this.#indent()}chain ${chain} {${this.#blank()}`);
    // Only a new chain can be hooked.
    if (!this.chains.has(key) && this.#pick(1) === 0) {
      const policy = this.#oneOf(["accept", "drop"] as const);
      this.#write(`type filter hook input priority ${this.#pick(9)}; policy ${policy}${this.#oneOf([";", "\n", ";\n"])}`);
      this.policies.set(key, policy);
    }
    const rules = this.#rulesOf(key);
    for (let left = this.#pick(4); left > 0; left--) {
      const item = this.#pick(6);
      if (item === 0) this.#noise();
      else if (item === 1) this.#included(() => this.#rule((rule) => rules.push(rule)));
      else this.#rule((rule) => rules.push(rule));
    }
    this.#write(`}${this.#oneOf(["\n", ";", ";\n"])}`);
  }

  /** The place is where the statement begins, after indentation. */
  #rule(keep: (rule: WrittenRule) => void, lead = ""): void {
    this.#write(this.#indent());
    const name = `r${++this.#count}`;
    keep({ name, ...this.#here() });
    const comment = `comment "${name}"`;
    const port = 1 + this.#pick(60_000);
    this.#write(
      `${lead}${this.#oneOf([
        `tcp dport ${port} accept ${comment}`,
        `tcp dport {${port},0} drop ${comment}`,
        `tcp dport {\n ${port}, # one; }\n   # two {\n 0\n} accept ${comment}`,
        `ct state vmap { established : accept,\n  invalid : drop } ${comment}`,
        `tcp dport \\\n  ${port} \\\n# between\n  drop ${comment}`,
        `log prefix "a { ; # } chain x {" counter ${comment}`,
        `counter accept ${comment}`,
        `tcp dport ${port} jump { counter; accept\n} ${comment}`,
        `meta l4proto { tcp, udp } th dport ${port} reject ${comment}`,
      ])}${this.#oneOf(["\n", ";", " ;\n", " # why: } {;\n", "# tight \\\n"])}`,
    );
  }

  #command(): void {
    const existing = [...this.chains.keys()];
    if (existing.length === 0) return;
    const key = this.#oneOf(existing);
    const rules = this.#rulesOf(key);
    const [family, table, chain] = key.split(" ");
    switch (this.#pick(9)) {
      case 6:
      case 7: {
        if (rules.length === 0) return;
        const index = this.#pick(rules.length - 1);
        if (this.#pick(1) === 0) this.#rule((rule) => rules.splice(index + 1, 0, rule), `add rule ${key} index ${index} `);
        else this.#rule((rule) => rules.splice(index, 0, rule), `insert rule ${key} index ${index} `);
        break;
      }
      case 0:
        this.#write(`flush chain ${key}\n`);
        rules.length = 0;
        break;
      case 1:
        this.#write(`flush table ${family} ${table}\n`);
        for (const [other, held] of this.chains) if (other.startsWith(`${family} ${table} `)) held.length = 0;
        break;
      case 2:
        this.#write(`delete table ${family} ${table};`);
        for (const other of existing) if (other.startsWith(`${family} ${table} `)) this.#forget(other);
        break;
      case 3:
        this.#rule((rule) => rules.unshift(rule), `insert rule ${key} `);
        break;
      case 4:
        if (this.#pick(3) === 0) this.#write(`flush ruleset\n`);
        else return;
        for (const other of existing) this.#forget(other);
        break;
      case 5:
        this.#rule((rule) => rules.push(rule), `rule ${family === "ip" ? "" : `${family} `}${table} ${chain} `);
        break;
      default:
        this.#rule((rule) => rules.push(rule), `add rule ${key} `);
    }
  }

  #object(): void {
    const name = `s${++this.#count}`;
    this.#write(
      this.#oneOf([
        `set ${name} { type inet_service; flags interval\n elements = { 1-5, # {\n 7 }\n}\n`,
        `map ${name} { type inet_service : verdict; elements = { 1 : accept,\n 2 : drop }; };`,
        `counter ${name} { packets 0 bytes 0 }\n`,
        `define ${name} = { 1,\n 2 }\n`,
      ]),
    );
  }

  #noise(): void {
    this.#write(this.#oneOf(["\n", "# tcp dport 1 accept; }\n", "  # {\n\n", `define d${++this.#count} = 22\n`, ";"]));
  }

  #included(content: () => void): void {
    const outer = this.#file;
    const file = `d/${++this.#count}.nft`;
    this.#write(`${this.#indent()}include "${this.#oneOf(["/etc/", "./", ""])}${file}"${this.#oneOf(["\n", ";\n", "; ", " # include\n"])}`);
    this.#file = file;
    this.files[file] = "";
    content();
    // A last line without an end would run into the line after the include.
    this.#write("\n");
    this.#file = outer;
  }

  #rulesOf(key: string): WrittenRule[] {
    const rules = this.chains.get(key) ?? [];
    this.chains.set(key, rules);
    return rules;
  }

  #forget(key: string): void {
    this.chains.delete(key);
    this.policies.delete(key);
  }

  #write(text: string): void {
    this.files[this.#file] += text;
  }

  #here(): { file: string; line: number; column: number } {
    const text = this.files[this.#file] ?? "";
    return { file: this.#file, line: text.split("\n").length, column: text.length - text.lastIndexOf("\n") };
  }

  #blank(): string {
    return this.#oneOf(["\n", "\n\n", "", " # begin {\n"]);
  }

  #indent(): string {
    return this.#oneOf(indents);
  }

  #oneOf<T>(choices: readonly T[]): T {
    return choices[this.#pick(choices.length - 1)] as T;
  }
}
