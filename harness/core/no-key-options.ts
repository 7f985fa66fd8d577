/** In `passed` of a review's finding, where the key allows everything. */
export const noKeyOptions = "no key options";
