import { renderReview, reviewPath } from "../../../../harness/index.ts";

const review = await reviewPath("etc/ssh", { firewall: ["etc/nftables.conf"], interface: "ens3", remedies: false });
console.log(renderReview("markdown", review));
if (review.findings.some(({ audience }) => audience === "internet")) process.exitCode = 1;
