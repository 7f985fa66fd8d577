/** Find or start an engine; build images. Knows Docker, not SSH. */
export { embeddedStatus, removeEmbedded, startEmbedded, stopEmbedded } from "./embedded.ts";
export type { Engine } from "./engine.ts";
export { ensureEngine, findEngine, useEngine } from "./find.ts";
export { exportImages, imagesKey, importImages } from "./image-archive.ts";
export { ensureImages, type ImageRef, type ImageRequest, imageKey, imageRequest, presentImages, removeImages } from "./images.ts";
export { OPENSSH_BY_SUITE, SUITES, type Suite, suiteOf } from "./suites.ts";
