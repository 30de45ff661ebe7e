/** Tables for people: words to the left, figures to the right. */

export interface Row {
  readonly cells: readonly string[];
  /** To be told apart from the others, where there is colour. */
  readonly strong: boolean;
}

export interface Line {
  readonly text: string;
  readonly strong: boolean;
}

/** @param words how many columns, from the left, are words */
export function align(rows: readonly Row[], words: number): Line[] {
  const columns = Math.max(...rows.map(({ cells }) => cells.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map(({ cells }) => cells[column]?.length ?? 0)),
  );
  return rows.map(({ cells, strong }) => {
    const padded = cells.map((cell, column) =>
      column < words ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    return { text: padded.join('  ').trimEnd(), strong };
  });
}
