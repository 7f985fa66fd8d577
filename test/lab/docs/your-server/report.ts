import { renderReport, verifyPolicy } from "../../../../harness/index.ts";

const result = await verifyPolicy("policy.yaml", { only: ["desktop"] });
console.log(renderReport("markdown", result));
