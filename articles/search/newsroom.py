"""Find articles as the newsroom has them, drafts included, by the beginnings of words."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL

from articles.models import Article, Author, Byline
from articles.search.schema import JOINERS, NEWSROOM_COLUMNS

_WORD = re.compile(r"[^\W_]+")


class _Vector(Func):
    """The words of an article on PostgreSQL, in exactly the form of the index `article_by_words`."""

    template = f"to_tsvector('simple'::regconfig, translate(%(expressions)s, '{JOINERS}', '{' ' * len(JOINERS)}'))"
    arg_joiner = " || ' ' || "


class _Matches(Func):
    template = "%(expressions)s::tsquery"
    arg_joiner = " @@ "
    output_field = BooleanField()


def words_of(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


def find(articles: QuerySet[Article], words: Collection[str]) -> QuerySet[Article]:
    """Return the articles with all `words` (from `words_of`). Each begins a word of the headline, the standfirst or the
    slug, or is part of the name of one of the authors.
    """
    # Compared here, because SQLite ignores case only within ASCII.
    by_missing_words = defaultdict(list)
    for pk, name in Author.objects.order_by().values_list("pk", "name"):
        missing = tuple(word for word in words if word not in name.lower())
        if len(missing) < len(words):
            by_missing_words[missing].append(pk)
    by_author = []
    for missing, authors in by_missing_words.items():
        bylines = Byline.objects.filter(author__in=authors).order_by()
        # Rows of the article first: few have the missing words, and many have one of the authors.
        few = _ids(_has(missing)).filter(Exists(bylines.filter(article=OuterRef("pk")))) if missing else None
        by_author.append(bylines.values("article") if few is None else few)
    in_text = _has(words)
    if not by_author:
        return articles.filter(in_text)
    # A union, because databases would scan the table for conditions joined by OR.
    return articles.filter(pk__in=_ids(in_text).union(*by_author))


def _ids(condition: Any) -> QuerySet[Any]:
    return Article.objects.filter(condition).order_by().values("pk")


def _has(words: Collection[str]) -> Any:
    """Return the condition that an article has all `words` in its text."""
    if connection.vendor == "postgresql":
        return _Matches(_Vector(*map(F, NEWSROOM_COLUMNS)), Value(" & ".join(f"'{word}':*" for word in words)))
    sql = "SELECT rowid FROM articles_newsroom_search WHERE articles_newsroom_search MATCH %s"
    return Q(pk__in=RawSQL(sql, [" AND ".join(f'"{word}"*' for word in words)]))  # noqa: S611
