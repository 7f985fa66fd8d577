/** The variable with `pid:port` of Vitest's own process, which tells its workers there when the images are built. */
export const imagesPort = "FORWARDLAB_TEST_IMAGES_PORT";
