"""Find articles as the newsroom has them, drafts included, by the beginnings of words."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet

from articles.models import Article, Author, Byline
from articles.search.schema import NEWSROOM
from truthlytics.web.types import AnyRows

# Of the newest articles, parts of words are found too, and of those with the words of a query, the newest are ranked.
MAX_CANDIDATES = 1000


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
        few = _ids(NEWSROOM.matches(missing)) if missing else None
        is_author = Exists(bylines.filter(article=OuterRef("pk")))
        by_author.append(bylines.values("article") if few is None else few.filter(is_author))
    in_text = NEWSROOM.matches(words)
    if not by_author:
        return articles.filter(in_text)
    # A union, because databases would scan the table for conditions joined by OR.
    return articles.filter(pk__in=_ids(in_text).union(*by_author))


def candidates(articles: QuerySet[Article], words: Collection[str]) -> QuerySet[Article]:
    """Return the newest articles, and the newest among those with all `words` (from `words_of`), for a closer look.

    Looking at all headlines takes a second with 200,000 articles.
    """
    found = [Article.objects.all()]
    if words:
        found.append(Article.objects.filter(NEWSROOM.matches(words)))
    newest = [_ids(Q(pk__in=rows.order_by("-pk").values("pk")[:MAX_CANDIDATES])) for rows in found]
    return articles.filter(pk__in=newest[0].union(*newest[1:]))


def _ids(condition: object) -> AnyRows:
    return Article.objects.filter(condition).order_by().values("pk")
