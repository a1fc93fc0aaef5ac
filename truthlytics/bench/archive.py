"""An archive in minutes: a few thousand pieces made as publishing makes them, and all others copies of their rows.

How often a word stands in the archive, and where, is what it would be with every piece written for itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from random import Random
from typing import Any
from uuid import UUID

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model, UUIDField

from articles.integrity import canonical, chain_digest, digest_of
from articles.models import (
    Article,
    Author,
    AuthorEntry,
    Image,
    Kind,
    SearchEntry,
    Section,
    SectionEntry,
    Topic,
    TopicEntry,
    Version,
)
from articles.search import postgres, sqlite
from articles.search.documents import SearchDocument, build_document
from articles.search.indexing import add_words
from articles.services.denormalise import derive
from articles.workflow.stages import Stage
from truthlytics.bench.language import Language

# As many texts as are different. Divided by sections, topics and authors, so that copies stand where they stood.
TEXTS = 6_000
BATCH = 500
PARAGRAPH = 60
TOPICS_EACH = 4
# Nothing is found evenly: one kind in a hundred is a review.
KINDS = {Kind.ANALYSIS: 50, Kind.REPORT: 30, Kind.OPINION: 12, Kind.EXPLAINER: 7, Kind.REVIEW: 1}
# What the newsroom sees of the same, at once.
WORKING_ROWS = (
    "INSERT INTO articles_byline (article_id, author_id, position)"
    " SELECT article_id, author_id, 0 FROM articles_authorentry",
    "INSERT INTO articles_article_topics (article_id, topic_id) SELECT article_id, topic_id FROM articles_topicentry",
)

Columns = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ArticlePrototype:
    """A piece as it was made first: its rows, and what search knows of it."""

    article: Columns
    version: Columns
    content: str
    uuid: str
    found_by: SearchDocument
    # Of the line of search, what is not the same for all entries.
    line: Columns
    author: int
    topics: Sequence[int]


@dataclass(slots=True)
class Archive:
    language: Language
    sections: Sequence[Section]
    topics: Sequence[Topic]
    authors: Sequence[Author]
    lead: Image
    now: datetime

    def fill(self, articles: int, say: Callable[[str], None]) -> None:
        """Write so many, the oldest first, `piece-<n>` dated n hours before now; every third is gated."""
        prototypes = []
        for place in range(min(TEXTS, articles)):
            prototypes.append(self._prototype(place))
            if place % BATCH == BATCH - 1:
                say(f"{place + 1} texts")
        add_words((prototype.found_by, self.now) for prototype in prototypes)
        with _index_later(say):
            for numbers in batched(range(articles, 0, -1), BATCH):
                with transaction.atomic():
                    _write(
                        [(number, articles - number + 1, prototypes[number % len(prototypes)]) for number in numbers],
                        self.now,
                    )
                say(f"{articles - numbers[-1] + 1} of {articles} articles")
        with connection.cursor() as cursor:
            for statement in (*WORKING_ROWS, *connection.ops.sequence_reset_sql(no_style(), [Article, Version])):
                cursor.execute(statement)

    def _prototype(self, place: int) -> ArticlePrototype:
        random = Random(place)  # noqa: S311
        words = self.language.piece(random)
        article = Article(
            uuid=UUID(int=random.getrandbits(128), version=4),
            headline=" ".join(words[:9]).capitalize(),
            standfirst=" ".join(words[9:30]).capitalize() + ".",
            body="".join(f"<p>{' '.join(part).capitalize()}.</p>" for part in batched(words[30:], PARAGRAPH)),
            kind=random.choices(list(KINDS), list(KINDS.values()))[0],
            section=self.sections[place % len(self.sections)],
            required_level=10 if place % 3 == 0 else 0,
            lead=self.lead,
        )
        author = self.authors[place % len(self.authors)]
        topics = [self.topics[(place + step) % len(self.topics)] for step in range(TOPICS_EACH)]
        version = Version(number=1, content=canonical(_content(article, author, topics)))
        derive(version)
        found_by = build_document(version)
        return ArticlePrototype(
            article=_columns(article),
            version=_columns(version),
            content=version.content or "",
            uuid=str(article.uuid),
            found_by=found_by,
            line={"terms": postgres.to_tsvector(found_by)} if connection.vendor == "postgresql" else {},
            author=author.pk,
            topics=[topic.pk for topic in topics],
        )


def _content(article: Article, author: Author, topics: Sequence[Topic]) -> dict[str, Any]:
    """As `services.publishing.content_of` says it, of what is not saved."""
    lead, section = article.lead, article.section
    return {
        "uuid": str(article.uuid),
        "headline": article.headline,
        "standfirst": article.standfirst,
        "body": article.body,
        "kind": article.kind,
        "required_level": article.required_level,
        "section": {"uuid": str(section.uuid), "name": section.name} if section else None,
        "topics": [{"uuid": str(topic.uuid), "name": topic.name} for topic in topics],
        "bylines": [{"uuid": str(author.uuid), "name": author.name}],
        "lead": {"uuid": str(lead.uuid), "caption": ""} if lead else None,
        "pictures": {
            str(one.uuid): {"sha256": one.sha256, "alt": one.alt, "caption": one.caption, "credit": one.credit}
            for one in [lead]
            if one
        },
        "footnotes": [],
        "seo": {"title": "", "description": ""},
    }


def _write(given: Sequence[tuple[int, int, ArticlePrototype]], now: datetime) -> None:
    """Rows of the pieces `(number, key, prototype)`."""
    rows: dict[type[Model], list[Columns]] = {
        model: [] for model in (Article, Version, SectionEntry, AuthorEntry, TopicEntry, SearchEntry)
    }
    words = []
    stored = UUIDField().get_db_prep_save
    for number, key, prototype in given:
        at = (now - timedelta(hours=number)).replace(microsecond=0)
        uuid = UUID(int=key, version=4)
        version = Version(
            number=1, public_from=at, created_at=at, content=prototype.content.replace(prototype.uuid, str(uuid))
        )
        version.content_digest = digest_of(version.content or "")
        record = {"content": version.content, "content_digest": version.content_digest}
        record["digest"] = chain_digest("", uuid, version)
        when = connection.ops.adapt_datetimefield_value(at)
        own = {
            "id": key,
            "uuid": stored(uuid, connection),
            "slug": f"piece-{number}",
            "live_id": key,
            "stage": Stage.PUBLISHED,
        }
        times = {"published_at": when, "created_at": when, "updated_at": when}
        line = {"article_id": key, "version_id": key, "published_at": when, "served_from": when}
        rows[Article].append({**prototype.article, **own, **times})
        rows[Version].append(
            {**prototype.version, **record, "id": key, "article_id": key, "public_from": when, "created_at": when}
        )
        rows[SectionEntry].append({**line, "section_id": prototype.version["section_id"]})
        rows[AuthorEntry].append({**line, "author_id": prototype.author})
        rows[TopicEntry] += [{**line, "topic_id": topic} for topic in prototype.topics]
        words.append((SearchEntry.key(at, key), prototype.found_by))
        rows[SearchEntry].append({**line, **prototype.line, "id": words[-1][0]})
    for model, columns in rows.items():
        _insert(model, columns)
    if connection.vendor != "postgresql":
        sqlite.write(words)


def _columns(row: Model) -> Columns:
    """What is stored of `row`, as the database takes it."""
    return {
        str(field.column): field.get_db_prep_save(field.pre_save(row, add=True), connection)
        for field in row._meta.concrete_fields
        if field.column != "id"
    }


def _insert(model: type[Model], rows: Sequence[Columns]) -> None:
    names = ", ".join(rows[0])
    marks = ", ".join([f"({', '.join(['%s'] * len(rows[0]))})"] * len(rows))
    with connection.cursor() as cursor:
        statement = f"INSERT INTO {model._meta.db_table} ({names}) VALUES {marks}"  # noqa: S608
        cursor.execute(statement, [value for row in rows for value in row.values()])


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
