/** Who gets something that an account could expose. */

/**
 * Widest first. `internet`: addresses that no rule names; `networks`: only such as rules name; `lan`: neighbours of the server;
 * `server`: other accounts of the server; `account`: whoever logs in, and nobody else.
 */
export const audiences = ["internet", "networks", "lan", "server", "account"] as const;
export type Audience = (typeof audiences)[number];
