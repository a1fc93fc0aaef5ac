"""An archive in minutes: rows written in bulk, with what publishing would have written into them.

What stands beside the words (section, topics, author, picture) is derived as publishing does, once for each
combination; the words of each piece are rendered and indexed by the same code.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import batched
from random import Random
from typing import Any
from uuid import UUID

from django.core.management.color import no_style
from django.db import connection, transaction

from articles import search
from articles.models import (
    Article,
    Author,
    AuthorEntry,
    Image,
    Kind,
    Section,
    SectionEntry,
    Topic,
    TopicEntry,
    Version,
)
from articles.models.versions import DERIVED
from articles.record import canonical, chain_digest, digest_of
from articles.rendering import render
from articles.services.deriving import derive

from .language import Language

BATCH = 500
PARAGRAPH = 60
TOPICS_EACH = 4
# Section, topics and author of a piece are those of the piece so many before it.
ROUND = 60
# Nothing is found evenly: one kind in a hundred is a review.
KINDS = {Kind.ANALYSIS: 50, Kind.REPORT: 30, Kind.OPINION: 12, Kind.EXPLAINER: 7, Kind.REVIEW: 1}
# What the newsroom sees of the same, at once.
WORKING_ROWS = (
    "INSERT INTO articles_byline (article_id, author_id, position)"
    " SELECT article_id, author_id, 0 FROM articles_authorentry",
    "INSERT INTO articles_article_topics (article_id, topic_id) SELECT article_id, topic_id FROM articles_topicentry",
)


@dataclass(slots=True)
class Archive:
    language: Language
    sections: Sequence[Section]
    topics: Sequence[Topic]
    authors: Sequence[Author]
    lead: Image
    now: datetime
    _beside: dict[tuple[int, str], Version] = field(default_factory=dict)

    def fill(self, articles: int, say: Callable[[str], None]) -> None:
        """Write so many, the oldest first, `piece-<n>` dated n hours before now; every third is gated."""
        learned: set[tuple[int, str]] = set()
        done = 0
        with _index_later(say):
            for numbers in batched(range(articles, 0, -1), BATCH):
                with transaction.atomic():
                    self._write([self._piece(number, articles - number + 1) for number in numbers], learned)
                done += len(numbers)
                say(f"{done} of {articles} articles")
        with connection.cursor() as cursor:
            for statement in (*WORKING_ROWS, *connection.ops.sequence_reset_sql(no_style(), [Article, Version])):
                cursor.execute(statement)

    def _write(self, made: list[Version], learned: set[tuple[int, str]]) -> None:
        when = [
            {"article": v.article, "version": v, "published_at": v.public_from, "served_from": v.public_from}
            for v in made
        ]
        Article.objects.bulk_create(version.article for version in made)
        Version.objects.bulk_create(made)
        places = [self._place(version.article) for version in made]
        both = list(zip(made, places, when, strict=True))
        SectionEntry.objects.bulk_create(SectionEntry(section=v.section, **row) for v, _, row in both)
        AuthorEntry.objects.bulk_create(AuthorEntry(author=author, **row) for _, (author, _), row in both)
        TopicEntry.objects.bulk_create(
            TopicEntry(topic=topic, **row) for _, (_, topics), row in both for topic in topics
        )
        search.index_many(((version, None) for version in made), learned)

    def _place(self, article: Article) -> tuple[Author, list[Topic]]:
        number = int(article.slug.removeprefix("piece-"))
        topics = {(number + step) % len(self.topics) for step in range(TOPICS_EACH)}
        return self.authors[number % len(self.authors)], [self.topics[place] for place in sorted(topics)]

    def _piece(self, number: int, pk: int) -> Version:
        random = Random(number)  # noqa: S311
        words = self.language.piece(random)
        at = (self.now - timedelta(hours=number)).replace(microsecond=0)
        article = Article(
            pk=pk,
            uuid=UUID(int=random.getrandbits(128), version=4),
            headline=" ".join(words[:9]).capitalize(),
            standfirst=" ".join(words[9:30]).capitalize() + ".",
            body=_body(words[30:]),
            kind=random.choices(list(KINDS), list(KINDS.values()))[0],
            section=self.sections[number % len(self.sections)],
            required_level=10 if number % 3 == 0 else 0,
            lead=self.lead,
            slug=f"piece-{number}",
            live_id=pk,
            published_at=at,
            created_at=at,
        )
        author, topics = self._place(article)
        content = self._content(article, author, topics)
        version = Version(pk=pk, article=article, number=1, public_from=at, made_at=at, content=canonical(content))
        version.content_digest = digest_of(version.content or "")
        version.digest = chain_digest("", article.uuid, version)
        self._derive(version, content, (number % ROUND, article.kind))
        return version

    def _content(self, article: Article, author: Author, topics: Sequence[Topic]) -> dict[str, Any]:
        lead = self.lead
        return {
            "uuid": str(article.uuid),
            "headline": article.headline,
            "standfirst": article.standfirst,
            "body": article.body,
            "kind": article.kind,
            "required_level": article.required_level,
            "section": {"uuid": str(article.section.uuid), "name": article.section.name} if article.section else None,
            "topics": [{"uuid": str(topic.uuid), "name": topic.name} for topic in topics],
            "bylines": [{"uuid": str(author.uuid), "name": author.name}],
            "lead": {"uuid": str(lead.uuid), "caption": ""},
            "pictures": {
                str(lead.uuid): {
                    "sha256": lead.sha256, "alt": lead.alt, "caption": lead.caption, "credit": lead.credit,
                }
            },
            "footnotes": [],
            "seo": {"title": "", "description": ""},
        }  # fmt: skip

    def _derive(self, version: Version, content: dict[str, Any], place: tuple[int, str]) -> None:
        """All derived columns: those beside the words as they came out for the first piece in the same place."""
        if place not in self._beside:
            derive(version)
            self._beside[place] = version
            return
        for name in DERIVED:
            setattr(version, name, getattr(self._beside[place], name))
        for name, value in asdict(render(content, {})).items():
            setattr(version, name, value)
        version.headline, version.standfirst = content["headline"], content["standfirst"]
        version.required_level = content["required_level"]


@contextmanager
def _index_later(say: Callable[[str], None]) -> Iterator[None]:
    """PostgreSQL makes the index of words at half the price once the rows are there."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'articles_search_terms'")
        (made,) = cursor.fetchone() or ("",)
        cursor.execute("DROP INDEX articles_search_terms")
        yield
        say("Making the index of words …")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute(made)


def _body(words: Sequence[str]) -> str:
    return "".join(f"<p>{' '.join(part).capitalize()}.</p>" for part in batched(words, PARAGRAPH))
