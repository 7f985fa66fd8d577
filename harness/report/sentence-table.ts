/** What each language says of the judgement's codes. Types only. */

/** What a sentence is made of, read from a cause's parameters: missing ones are empty. */
export interface Words {
  /** As text. */
  (name: string): string;
  list(name: string): readonly string[];
  has(name: string): boolean;
  rule: string;
  /** `sshd_config:12`; empty where no file is known. */
  place: string;
}

/** By code. */
export type Sentences = Record<string, (words: Words) => string>;
