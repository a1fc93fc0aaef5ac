"""The digest chains of the record: the versions of each article, page and dossier, oldest first."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from articles.models.base_version import CHAIN_COLUMNS, BaseVersion
from articles.models.dossiers import DossierVersion
from articles.models.pages import PageVersion
from articles.models.versions import Version
from truthlytics.web.text import split_words

BATCH = 500
# The types of items by name, which is also the name of the foreign key of their versions.
CHAINED: dict[str, Any] = {"article": Version, "page": PageVersion, "dossier": DossierVersion}
# Of an article's versions, what the digests of their corrections are computed from.
CORRECTION_COLUMNS = split_words(
    "correction__kind correction__made_at correction__digest correction__changed_facts "
    "correction__supersedes__version__number"
)
_ARTICLE_COLUMNS = CORRECTION_COLUMNS + split_words(
    "required_level changed_at is_corrected is_retracted article__live article__upcoming article__upcoming_at "
    "article__published_at"
)


class Chain(NamedTuple):
    """All versions of an item. `name` is "article", "page" or "dossier"."""

    name: str
    item: Any
    versions: list[Any]

    @property
    def title(self) -> str:
        """The headline or title, for messages to operators."""
        return str(self.item)

    def until_newest_public(self, now: datetime) -> list[Any]:
        """Return the versions up to the newest one that readers have seen by `now`."""
        count = max((index for index, version in enumerate(self.versions, 1) if appeared(version, now)), default=0)
        return self.versions[:count]


def appeared(version: BaseVersion, now: datetime) -> bool:
    """Return whether readers have seen `version` by `now`."""
    return version.superseded_at is None and version.public_from <= now


def chains(name: str) -> Iterator[Chain]:
    """Yield the chains of one type of item. One query, with a batch of versions in memory."""
    title = "title" if name == "dossier" else "headline"
    columns = (*CHAIN_COLUMNS, *(f"{name}__{column}" for column in ("uuid", "slug", "withdrawn_at", title)))
    versions = CHAINED[name].objects.select_related(name)
    if name == "article":
        versions = versions.select_related("correction__supersedes__version")
        columns += _ARTICLE_COLUMNS
    rows = versions.only(*columns).order_by(f"{name}_id", "number").iterator(BATCH)
    for _pk, group in groupby(rows, key=lambda version: getattr(version, f"{name}_id")):
        chain = list(group)
        yield Chain(name, getattr(chain[0], name), chain)
