/** So many elements of one list are changed one at a time: a block list has thousands. */
export const mostElements = 32;
