/** An nft ruleset of one chain: its rules begin on line 5, its policy stands on line 4. */
export function oneChain(hook: string, policy: "accept" | "drop", ...rules: string[]): string {
  return `
table inet filter {
  chain ${hook} {
    type filter hook ${hook} priority filter; policy ${policy};
    ${rules.join("\n    ")}
  }
}
`;
}
