"""Which words of money and access occur in a list, how often, with examples and what each is taken for."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from truthlytics.contrib.importers.readers.columns import FIELDS
from truthlytics.contrib.importers.readers.records import ListedReader, Word
from truthlytics.contrib.importers.readers.vocabulary import LABELS, MEANINGS

EXAMPLES = 3
# Of a topic, in what commands print.
MAX_LINES = 30
_ORDER = {topic: number for number, topic in enumerate(MEANINGS)}


class Occurrence(NamedTuple):
    """A word, the number of its rows, and the addresses of some of them."""

    word: Word
    number: int
    examples: list[str]


class Occurrences:
    """Counts the words of readers."""

    def __init__(self, readers: Iterable[ListedReader] = ()) -> None:
        self._numbers: dict[Word, int] = {}
        self._examples: dict[Word, list[str]] = {}
        for reader in readers:
            self.add(reader)

    def add(self, reader: ListedReader) -> None:
        for word in reader.words:
            self._numbers[word] = self._numbers.get(word, 0) + 1
            examples = self._examples.setdefault(word, [])
            if len(examples) < EXAMPLES:
                examples.append(reader.email)

    def listed(self, *, with_missing: bool = True) -> list[Occurrence]:
        """Return the words by topic, first those that no one knows, then the most frequent ones.

        Columns that the list does not have matter to contracts only.
        """
        words = [word for word in self._numbers if with_missing or not word.is_missing]
        found = [Occurrence(word, self._numbers[word], self._examples[word]) for word in words]
        return sorted(found, key=lambda each: (_ORDER[each.word.topic], bool(each.word.meaning), -each.number))


# --- What commands print, in English like all commands ---------------------------------------------------------------
def column_lines(tables: Iterable[tuple[str, list[Any]]]) -> Iterator[str]:
    """Say what each column of the lists is taken for."""
    for file, columns in tables:
        yield f"Columns of {file}:"
        for heading, samples, field in columns:
            yield f"    {heading}: {FIELDS[field]} ({', '.join(samples)})"[:160]


def word_lines(occurring: Iterable[Occurrence]) -> Iterator[str]:
    """Say what each word of the lists is taken for, the unknown ones first, with their rows and examples."""
    for topic, found in groupby(occurring, key=lambda each: each.word.topic):
        yield f"{LABELS[topic]}:"
        for number, (word, rows, examples) in enumerate(found):
            if number == MAX_LINES:
                yield "    and others: see the file of --template"
                break
            text = "no column" if word.is_missing else f"“{word.text}”" if word.text else "empty"
            meaning = f"taken for “{word.meaning}”" if word.meaning else "not known, and refused until it is mapped"
            yield f"    {text}: {rows}, {meaning} ({', '.join(examples)})"
