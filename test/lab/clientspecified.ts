/** `test` with the article's lab and `GatewayPorts clientspecified`: one lab for all files of a worker, where each test finds it clean. */
import type { ArticleHost } from "../../harness/vitest/index.ts";
import { withLab } from "../../harness/vitest/lab-test.ts";

export const test = withLab<ArticleHost>({ sshd: "GatewayPorts clientspecified\n" }, "worker");
