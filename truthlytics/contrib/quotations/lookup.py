"""Which texts have words of a quotation: one look-up for each hash, with a limit, so that common words cost no more."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from articles.access import Level
from truthlytics.contrib.quotations.fingerprints import WINDOW, hashes, marked, winnow
from truthlytics.contrib.quotations.models import IndexedText

# Hashes of a quotation that are looked up, and texts for each of them, the newest ones.
MAX_HASHES, MAX_TEXTS = 48, 150
# The texts with the most of them, of which the access is checked.
MAX_CHECKED = 60
_LOOKUP = """
    SELECT * FROM (
        SELECT hash, text_id, first, last FROM quotations_fingerprint WHERE hash = %s ORDER BY text_id DESC LIMIT %s
    ) AS found
"""


# The first and the last version of each run of versions that have a hash, by hash.
Runs = dict[int, list[tuple[int, int]]]


@dataclass(slots=True)
class Candidate:
    """A text that the reader can see, with the first and last version of each hash that was found in it."""

    text: IndexedText
    runs: Runs

    @property
    def score(self) -> int:
        return len(self.runs)

    def count(self, number: int) -> int:
        """Return how many of the hashes version `number` has."""
        return sum(any(first <= number <= last for first, last in runs) for runs in self.runs.values())


def candidates(keys: Sequence[str], level: int, now: datetime, limit: int) -> list[Candidate]:
    """Return the texts with the most hashes of the words `keys`, for a reader with access `level`.

    Always takes two queries: text that is gated or scheduled must not differ from what is unknown.
    """
    found: defaultdict[int, Runs] = defaultdict(lambda: defaultdict(list))
    rows = _rows(_chosen(keys), [value for value in Level.values if value <= level])
    for number, text_id, first, last in rows:
        found[text_id][number].append((first, last))
    ranked = sorted(found, key=lambda pk: (-len(found[pk]), -pk))[:MAX_CHECKED]
    # With an id that does not exist, since Django makes no query for none.
    texts = IndexedText.objects.served(now).filter(pk__in=[0, *ranked])
    served = {text.pk: text for text in texts.select_related(*IndexedText.ITEMS).only(*_COLUMNS)}
    result = [Candidate(served[pk], found[pk]) for pk in ranked if pk in served]
    # A text with the whole quotation lacks few of the hashes that another one has: those at both ends.
    enough = min(result[0].score / 2, result[0].score - 2 * (WINDOW - 1)) if result else 0
    return [each for each in result[:limit] if each.score >= enough]


_COLUMNS = [
    name for item in IndexedText.ITEMS for name in (item, f"{item}__slug")
]  # the items have long texts, which are not needed


def _chosen(keys: Sequence[str]) -> list[int]:
    """Return the hashes to look up: all of a short quotation, else those that texts store in any case."""
    numbers = list(dict.fromkeys(hashes(keys)))
    if len(numbers) > MAX_HASHES:
        certain = winnow(numbers)
        numbers = [number for number in numbers if number in certain]
    step = -(-len(numbers) // MAX_HASHES) or 1
    return numbers[::step]


def _rows(numbers: Sequence[int], levels: Sequence[int]) -> list[tuple[int, int, int, int]]:
    """Return (hash without mark, text, first, last version) of what is stored with the marks of `levels`."""
    wanted = {marked(number, level): number for number in numbers for level in levels}
    if not wanted:
        return []
    parameters = [value for stored in wanted for value in (stored, MAX_TEXTS)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([_LOOKUP] * len(wanted)), parameters)
        return [(wanted[stored], text, first, last) for stored, text, first, last in cursor.fetchall()]
