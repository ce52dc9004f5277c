"""Count in how much one sequence differs from another (Levenshtein, 1966)."""

from collections.abc import Sequence


def edits(these: Sequence[str], those: Sequence[str]) -> int:
    """Elements to put in, take out or change, at least, to make `those` of `these`."""
    row = list(range(len(those) + 1))
    for number, this in enumerate(these, 1):
        above, row = row, [number]
        for column, that in enumerate(those, 1):
            other = above[column - 1] + (this != that)
            row.append(min(above[column] + 1, row[-1] + 1, other))
    return row[-1]
