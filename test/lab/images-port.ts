/** The variable with the port on which Vitest's own process tells its workers that the images are there. */
export const imagesPort = "FORWARDLAB_TEST_IMAGES_PORT";
