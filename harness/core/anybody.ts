/** Account of a review that stands for every one that the config does not name. */
export const anybody = "anybody";
