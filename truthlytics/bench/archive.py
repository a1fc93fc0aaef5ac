"""A large archive in minutes: a few thousand articles are published normally, the others are copies of their rows.

The word frequencies of the archive are those of an archive of original texts.
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

# The number of different texts. Divisible by those of sections, topics and authors, so that copies are in the same.
TEXTS = 6_000
BATCH = 500
PARAGRAPH = 60
TOPICS_EACH = 4
# Uneven on purpose: one article in a hundred is a review.
KINDS = {Kind.ANALYSIS: 50, Kind.REPORT: 30, Kind.OPINION: 12, Kind.EXPLAINER: 7, Kind.REVIEW: 1}
# Rows that the newsroom uses, derived from those for readers.
DERIVED_ROWS = (
    "INSERT INTO articles_byline (article_id, author_id, position)"
    " SELECT article_id, author_id, 0 FROM articles_authorentry",
    "INSERT INTO articles_article_topics (article_id, topic_id) SELECT article_id, topic_id FROM articles_topicentry",
)

Columns = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ArticlePrototype:
    """The rows of an article to copy, and its search document."""

    article: Columns
    version: Columns
    content: str
    uuid: str
    document: SearchDocument
    # Columns of the search entry that depend on the text.
    search_columns: Columns
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

    def fill(self, articles: int, progress: Callable[[str], None]) -> None:
        """Write the articles, the oldest first: `article-<n>` is n hours old, and every third is gated."""
        prototypes = []
        for number in range(min(TEXTS, articles)):
            prototypes.append(self._prototype(number))
            if number % BATCH == BATCH - 1:
                progress(f"{number + 1} texts")
        add_words((prototype.document, self.now) for prototype in prototypes)
        with _postponed_index(progress):
            for numbers in batched(range(articles, 0, -1), BATCH):
                with transaction.atomic():
                    _write(
                        [(number, articles - number + 1, prototypes[number % len(prototypes)]) for number in numbers],
                        self.now,
                    )
                progress(f"{articles - numbers[-1] + 1} of {articles} articles")
        with connection.cursor() as cursor:
            for statement in (*DERIVED_ROWS, *connection.ops.sequence_reset_sql(no_style(), [Article, Version])):
                cursor.execute(statement)

    def _prototype(self, number: int) -> ArticlePrototype:
        random = Random(number)  # noqa: S311
        words = self.language.text(random)
        article = Article(
            uuid=UUID(int=random.getrandbits(128), version=4),
            headline=" ".join(words[:9]).capitalize(),
            standfirst=" ".join(words[9:30]).capitalize() + ".",
            body="".join(f"<p>{' '.join(part).capitalize()}.</p>" for part in batched(words[30:], PARAGRAPH)),
            kind=random.choices(list(KINDS), list(KINDS.values()))[0],
            section=self.sections[number % len(self.sections)],
            required_level=10 if number % 3 == 0 else 0,
            lead=self.lead,
        )
        author = self.authors[number % len(self.authors)]
        topics = [self.topics[(number + step) % len(self.topics)] for step in range(TOPICS_EACH)]
        version = Version(number=1, content=canonical(_content(article, author, topics)))
        derive(version)
        document = build_document(version)
        return ArticlePrototype(
            article=_columns(article),
            version=_columns(version),
            content=version.content or "",
            uuid=str(article.uuid),
            document=document,
            search_columns={"terms": postgres.to_tsvector(document)} if connection.vendor == "postgresql" else {},
            author=author.pk,
            topics=[topic.pk for topic in topics],
        )


def _content(article: Article, author: Author, topics: Sequence[Topic]) -> dict[str, Any]:
    """The same as `services.publishing.content_of`, for an article that is not saved."""
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
            str(image.uuid): {
                "sha256": image.sha256,
                "alt": image.alt,
                "caption": image.caption,
                "credit": image.credit,
            }
            for image in [lead]
            if image
        },
        "footnotes": [],
        "seo": {"title": "", "description": ""},
    }


def _write(articles: Sequence[tuple[int, int, ArticlePrototype]], now: datetime) -> None:
    """Insert the rows of articles given as number, primary key and prototype."""
    rows: dict[type[Model], list[Columns]] = {
        model: [] for model in (Article, Version, SectionEntry, AuthorEntry, TopicEntry, SearchEntry)
    }
    documents = []
    uuid_value = UUIDField().get_db_prep_save
    for number, pk, prototype in articles:
        at = (now - timedelta(hours=number)).replace(microsecond=0)
        uuid = UUID(int=pk, version=4)
        version = Version(
            number=1, public_from=at, created_at=at, changed_at=at,
            content=prototype.content.replace(prototype.uuid, str(uuid)),
        )  # fmt: skip
        version.content_digest = digest_of(version.content or "")
        digests = {"content": version.content, "content_digest": version.content_digest}
        digests["digest"] = chain_digest("", uuid, version)
        time = connection.ops.adapt_datetimefield_value(at)
        own = {
            "id": pk,
            "uuid": uuid_value(uuid, connection),
            "slug": f"article-{number}",
            "live_id": pk,
            "stage": Stage.PUBLISHED,
        }
        times = {"published_at": time, "created_at": time, "updated_at": time}
        entry = {"article_id": pk, "version_id": pk, "published_at": time, "served_from": time}
        rows[Article].append({**prototype.article, **own, **times})
        rows[Version].append(
            {
                **prototype.version,
                **digests,
                "id": pk,
                "article_id": pk,
                "public_from": time,
                "created_at": time,
                "changed_at": time,
            }
        )
        rows[SectionEntry].append({**entry, "section_id": prototype.version["section_id"]})
        rows[AuthorEntry].append({**entry, "author_id": prototype.author})
        rows[TopicEntry] += [{**entry, "topic_id": topic} for topic in prototype.topics]
        documents.append((SearchEntry.key(at, pk), prototype.document))
        rows[SearchEntry].append({**entry, **prototype.search_columns, "id": documents[-1][0]})
    for model, columns in rows.items():
        _insert(model, columns)
    if connection.vendor != "postgresql":
        sqlite.write(documents)


def _columns(row: Model) -> Columns:
    """Return the columns of `row` as database values."""
    return {
        str(field.column): field.get_db_prep_save(field.pre_save(row, add=True), connection)
        for field in row._meta.concrete_fields
        if field.column != "id"
    }


def _insert(model: type[Model], rows: Sequence[Columns]) -> None:
    names = ", ".join(rows[0])
    placeholders = ", ".join([f"({', '.join(['%s'] * len(rows[0]))})"] * len(rows))
    with connection.cursor() as cursor:
        statement = f"INSERT INTO {model._meta.db_table} ({names}) VALUES {placeholders}"  # noqa: S608
        cursor.execute(statement, [value for row in rows for value in row.values()])


@contextmanager
def _postponed_index(progress: Callable[[str], None]) -> Iterator[None]:
    """Build the search index after inserting the rows, which takes PostgreSQL half the time."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'articles_search_terms'")
        (definition,) = cursor.fetchone() or ("",)
        cursor.execute("DROP INDEX articles_search_terms")
        yield
        progress("Building the search index …")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute(definition)
