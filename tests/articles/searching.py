"""What the tests of the search ask with."""

from contextlib import contextmanager
from unittest import mock

from articles import search
from articles.models import SearchEntry

GATED = "<p>The free ferries.</p><hr data-gate><p>A zylophantine harbour.</p>"


@contextmanager
def in_batches_of_one(*, after_the_first):
    """rebuild_search, one article a transaction; something happens once the first is done."""
    command = "articles.management.commands.rebuild_search"
    happens = iter([after_the_first])
    with (
        mock.patch(f"{command}.BATCH", 1),
        mock.patch(f"{command}.Command.progress", side_effect=lambda *_: next(happens, lambda: None)()),
    ):
        yield


def found(text, level=0, **options):
    """The ids of the articles that are found, in order."""
    versions = search.find(text, level=level, **options).versions
    articles = dict(SearchEntry.objects.filter(version__in=versions).values_list("version", "article"))
    return [articles[version] for version in versions]
