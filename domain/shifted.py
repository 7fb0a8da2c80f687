"""Rows whose cells stand beside their columns, though there are as many as there should be: a comma that nobody quoted
and a cell that was lost."""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import islice

from domain.cells import MAX_FAULTS, MISSING_NUMBERS, describe, number_of_text
from domain.errors import Fault
from domain.rows import TextRows
from domain.text_cells import distinct

# Of so many rows it is learned what the columns hold; from fewer than the least nothing is.
_SAMPLE_ROWS, _LEAST_ROWS = 2_000, 20
_FEW, _MOST = 0.05, 0.9
# One such cell may be a slip of its own; two in a row of cells are not.
_EVIDENCE = 2
_DIRECTIONS = {1: "right", -1: "left"}


@dataclass(frozen=True, slots=True)
class _Habit:
    """What a column holds. numbers: nearly all of its cells are. words: those that come again and again, where nearly
    all of its cells are some of them; None otherwise. counts: of the sample."""

    numbers: bool
    words: Set[str] | None
    counts: Counter[str]

    def fits(self, cell: str) -> bool:
        if self.numbers:
            return _is_number(cell)
        return cell in self.words if self.words is not None else True

    def lacks(self, cell: str) -> bool:
        return not _is_number(cell) if self.numbers else self.words is not None and cell not in self.words

    def is_apart(self, other: _Habit) -> bool:
        """Whether a cell of the one is seldom a cell of the other, too."""
        if self.words is None or other.words is None:
            return (self.numbers or self.words is not None) and (other.numbers or other.words is not None) and (
                self.numbers is not other.numbers)
        return max(_share(self, other.words), _share(other, self.words)) <= _FEW


class ShiftedRows:
    """Tells such rows by their neighbours: at least two cells are none of their own columns' and are their
    neighbours', all in one direction, and each cell between them would be at home there, too. Columns that hold the
    same kind of values tell nothing, so rows of numbers alone are never called shifted.

    first: the first rows of a file.
    """

    def __init__(self, first: TextRows) -> None:
        self._names = list(first.names)
        enough = first.n_rows >= _LEAST_ROWS
        self._habits = [_habit(cells) for cells in first.cells.values()] if enough else []
        self._homes = {direction: [self._apart(position, position - direction)
                                   for position in range(len(self._habits))] for direction in _DIRECTIONS}

    def faults(self, rows: TextRows) -> list[Fault]:
        """One for each such row among these, 100 at most."""
        columns = list(rows.cells.values())
        found = ((row, self._shift(columns, row)) for row in sorted(self._suspects(columns)))
        return list(islice((Fault(f"row {rows.first_row + row}", problem, row=rows.first_row + row)
                            for row, problem in found if problem), MAX_FAULTS))

    def _apart(self, position: int, home: int) -> _Habit | None:
        if not 0 <= home < len(self._habits) or not self._habits[position].is_apart(self._habits[home]):
            return None
        return self._habits[home]

    def _suspects(self, columns: Sequence[Sequence[str]]) -> set[int]:
        """Rows with a cell in a column of words that a neighbour is the home of."""
        found: set[int] = set()
        for position, habit in enumerate(self._habits):
            homes = [home for direction in _DIRECTIONS if (home := self._homes[direction][position])]
            if habit.words is None or not homes:
                continue
            odd = {cell for cell in set(distinct(columns[position])) - habit.words
                   if any(home.fits(cell.strip()) for home in homes)}
            if odd:
                found.update(row for row, cell in enumerate(columns[position]) if cell in odd)
        return found

    def _shift(self, columns: Sequence[Sequence[str]], row: int) -> str:
        cells = [column[row].strip() for column in columns]
        for direction, word in _DIRECTIONS.items():
            for run in self._runs(cells, direction):
                if len(run) >= _EVIDENCE:
                    named = ", ".join(f"{describe(cells[at])} in column {self._names[at]}" for at in run[:3])
                    return f"has cells that stand one column too far to the {word}: {named}"
        return ""

    def _runs(self, cells: Sequence[str], direction: int) -> Iterator[list[int]]:
        """Positions of cells that are their neighbours', of each stretch in which no cell could not be one."""
        run: list[int] = []
        for position, cell in enumerate(cells):
            home = position - direction
            if cell in MISSING_NUMBERS:
                continue
            if not 0 <= home < len(cells) or not self._habits[home].fits(cell):
                yield run
                run = []
            elif self._homes[direction][position] and self._habits[position].lacks(cell):
                run.append(position)
        yield run


def _habit(cells: Sequence[str]) -> _Habit:
    counts = Counter(map(str.strip, cells[:_SAMPLE_ROWS]))
    for word in MISSING_NUMBERS.intersection(counts):
        del counts[word]
    known = counts.total()
    numbers = _sum(counts, _is_number)
    if known < _LEAST_ROWS / 2 or _FEW * known < numbers < (1 - _FEW) * known:
        return _Habit(False, None, counts)
    if numbers >= (1 - _FEW) * known:
        return _Habit(True, None, counts)
    words = frozenset(word for word, count in counts.items() if count >= max(2, known // 500))
    return _Habit(False, words if _sum(counts, words.__contains__) >= _MOST * known else None, counts)


def _share(habit: _Habit, words: Set[str]) -> float:
    return sum(habit.counts[word] for word in words) / habit.counts.total()


def _sum(counts: Counter[str], wanted: Callable[[str], bool]) -> int:
    return sum(count for word, count in counts.items() if wanted(word))


def _is_number(cell: str) -> bool:
    return isinstance(number_of_text(cell), float)
