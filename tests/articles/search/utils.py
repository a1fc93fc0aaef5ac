"""Helpers for search tests."""

from contextlib import contextmanager
from unittest import mock

from articles import search
from articles.models import SearchEntry

GATED = "<p>The free ferries.</p><hr data-gate><p>A zylophantine harbour.</p>"


@contextmanager
def in_batches_of_one(*, after_the_first):
    """Make rebuild_search index one article per transaction, and call `after_the_first` after the first one."""
    command = "articles.management.commands.rebuild_search"
    callbacks = iter([after_the_first])
    with (
        mock.patch(f"{command}.BATCH", 1),
        mock.patch(f"{command}.Command.progress", side_effect=lambda *_: next(callbacks, lambda: None)()),
    ):
        yield


def find_ids(text, level=0, **options):
    """Return the ids of the articles found, in order."""
    versions = search.find(text, level=level, **options).versions
    articles = dict(SearchEntry.objects.filter(version__in=versions).values_list("version", "article"))
    return [articles[version] for version in versions]
