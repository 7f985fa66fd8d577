/** The likeliest meant word for a mistyped one. */

/** Undefined when nothing is near enough to be meant. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const near = known
    .filter((candidate) => Math.abs(word.length - candidate.length) <= mostEdits(word, candidate))
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance: edits }) => edits <= mostEdits(word, candidate))
    .sort((one, other) => one.distance - other.distance);
  return (
    near[0]?.candidate ?? onlyOne(known.filter((candidate) => candidate.split(/[_-]/).includes(word.toLowerCase()) && word.length > 3))
  );
}

/** The suggestion in words. */
export function suggestionText(meant: string | undefined): string | undefined {
  return meant && `did you mean \`${meant}\`?`;
}

function mostEdits(word: string, candidate: string): number {
  return Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));
}

/** `options` for `sshd_options`, where no other has that part. */
function onlyOne(candidates: readonly string[]): string | undefined {
  return candidates.length === 1 ? candidates[0] : undefined;
}

/** Edits (insert, delete, replace, swap neighbours) between two words. */
function distance(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= one.length; row++) {
    rows[row] = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      let best = Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + (same ? 0 : 1));
      if (row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]) {
        best = Math.min(best, at(row - 2, column - 2) + 1);
      }
      (rows[row] as number[])[column] = best;
    }
  }
  return at(one.length, other.length);
}
