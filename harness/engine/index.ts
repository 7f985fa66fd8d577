/** Find or start an engine; build images. Knows Docker, not SSH. */
export { type Check, diagnose } from "./doctor.ts";
export { type EmbeddedStatus, embeddedStatus, removeEmbedded, startEmbedded, stopEmbedded } from "./embedded.ts";
export type { Engine, Progress } from "./engine.ts";
export { ensureEngine, findEngine } from "./find.ts";
export { ensureImages, type ImageRef, type ImageRequest, imageKey, presentImages, removeImages } from "./images.ts";
export { DEFAULT_SUITE, OPENSSH_BY_SUITE, SUITES, type Suite, suiteOf } from "./suites.ts";
