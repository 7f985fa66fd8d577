/** Planted mistakes in what sshd reads. */

import { includeOrder } from "./include-order.ts";
import { keyOptions } from "./key-options.ts";
import { matchBlocks } from "./match-blocks.ts";
import { sshdKeywords } from "./sshd-keywords.ts";
import { testCases } from "./test-cases.ts";

testCases({
  "sshd keywords": sshdKeywords,
  "Match blocks": matchBlocks,
  "key options": keyOptions,
  "Include order": includeOrder,
});
