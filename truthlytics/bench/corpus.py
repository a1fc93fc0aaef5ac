"""Sample data of any size for benchmarks, from the texts of the demo, so that it compresses like English."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.db.models import Max, Model
from django.utils import timezone
from PIL import Image as Pillow

from articles import search
from articles.models import Article, Author, Byline, Image, Section, Topic
from articles.services.media import add_to_library
from articles.services.publishing import publish
from comments.models import Comment, Thread
from comments.text import render
from subscriptions.models import Grant, Plan, Price, Tier, User
from subscriptions.services.accounts import mark_email_verified
from truthlytics.bench.archive import Archive
from truthlytics.bench.language import Language
from truthlytics.bench.measure import MeasurementError
from truthlytics.demo import content
from truthlytics.publication.models import Publication

SECTIONS, TOPICS, AUTHORS, READERS = 6, 20, 10, 20
TOPICS_EACH = 4
WORDS, LONG = 900, 1000
# The display name of this user tells which archive the database has.
MARKER = "archive@bench.invalid"
# One comment and three replies to it.
THREAD = 4
BATCH = 100

_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


@cache
def paragraphs() -> list[str]:
    files = sorted((content.HERE / "articles").glob("*.html"))
    found = (html for file in files for html in _PARAGRAPH.findall(file.read_text(encoding="utf-8")))
    return [_TAG.sub("", html) for html in found]


def body(number: int, words: int) -> str:
    """Return a text of `words` words with a heading every four paragraphs, different for each `number`."""
    return "".join(_blocks(number, words))


def _blocks(number: int, words: int) -> Iterator[str]:
    pool, written, index = paragraphs(), 0, 0
    while written < words:
        taken = pool[(number * 7 + index) % len(pool)].split()[: words - written]
        if index and index % 4 == 0:
            yield f"<h2>{' '.join(taken[:4])}</h2>"
        yield f"<p>{' '.join(taken)}</p>"
        written += len(taken)
        index += 1


class Corpus:
    """Sections, topics, authors and readers. `fill` writes the archive, `article` publishes one more article.

    Everything is reused if the database already has it.
    """

    def __init__(self) -> None:
        self.now: datetime = timezone.now()
        # Old articles keep the form, which logged-in readers are to be measured with.
        Publication.objects.get_or_create(pk=1, defaults={"comments_close_after_days": None})
        names = [" ".join(words.split()[:2]).strip(",.“”’") for words in paragraphs()]
        self.language = Language(paragraphs())
        self.sections = [
            _get_or_create(Section, f"section-{number}", name=f"Section {number}", position=number)
            for number in range(SECTIONS)
        ]
        self.topics = [
            _get_or_create(Topic, f"topic-{number}", name=f"{names[number]} {number}") for number in range(TOPICS)
        ]
        self.authors = [
            _get_or_create(Author, f"author-{number}", name=f"Author {number}") for number in range(AUTHORS)
        ]
        self.readers = [_reader(f"reader{number}@example.org", f"Reader {number}") for number in range(READERS)]
        tier = _get_or_create(Tier, "reader", level=10, name="Reader", benefits="Every piece in full")
        plan = _get_or_create(Plan, "reader-monthly", tier=tier, name="Reader")
        Price.objects.get_or_create(plan=plan, minor=900, currency="EUR", interval="month")
        self.lead = sample_image()

    def fill(self, articles: int, progress: Callable[[str], None]) -> None:
        """Write an archive of so many articles, unless the database already has it.

        Raises MeasurementError if it has a different or an incomplete one.
        """
        marker = _reader(MARKER, "new")
        if marker.display_name == str(articles):
            return
        if marker.display_name != "new":
            raise MeasurementError(
                f"The database contains another archive ({marker.display_name}). Use an empty database."
            )
        User.objects.filter(pk=marker.pk).update(display_name=f"part of {articles}")
        Archive(
            language=self.language, sections=self.sections, topics=self.topics, authors=self.authors, lead=self.lead,
            now=self.now,
        ).fill(articles, progress)  # fmt: skip
        progress("Optimising the database …")
        search.optimise()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
        User.objects.filter(pk=marker.pk).update(display_name=str(articles))

    def article(self, number: int, *, words: int = WORDS, level: int = 0, slug: str = "") -> Article:
        if existing := Article.objects.filter(slug=slug).first():
            return existing
        lines = paragraphs()[number % len(paragraphs())].split()
        article = Article.objects.create(
            headline=" ".join(lines[:9]),
            standfirst=" ".join(lines[:30]),
            body=body(number, words),
            kind="analysis",
            slug=slug or f"article-{number}",
            section=self.sections[number % SECTIONS],
            required_level=level,
            lead=self.lead,
        )
        Byline.objects.create(article=article, author=self.authors[number % AUTHORS], position=0)
        article.topics.set(self.topics[(number + step) % TOPICS] for step in range(TOPICS_EACH))
        publish(item=article, at=self.now - timedelta(hours=number))
        return article

    def add_comments(self, article: Article, comments: int) -> None:
        """Add so many visible comments; every fourth starts a thread of one comment and three replies."""
        if Thread.objects.filter(article=article).exists():
            return
        texts = [
            entry["text"].strip() for thread in content.read("comments.toml")["threads"] for entry in thread["comments"]
        ]
        rendered = [(text, render(text)) for text in texts]
        first = (Comment.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
        created: list[Comment] = []
        for number in range(comments):
            text, html = rendered[number % len(rendered)]
            parent = created[number // THREAD * THREAD] if number % THREAD else None
            comment = Comment(
                pk=first + number, article=article, author=self.readers[number % READERS], parent=parent, text=text,
                html=html, status=Comment.Status.VISIBLE, approved_at=self.now,
            )  # fmt: skip
            comment.set_path(parent)
            created.append(comment)
        with transaction.atomic():
            Comment.objects.bulk_create(created, batch_size=500)
            Thread.objects.create(article=article)
            Thread.objects.count_change(article.pk, comments)

    def subscriber(self) -> str:
        """Return the cookies of a subscriber who is logged in and has a CSRF token."""
        user = _reader("subscriber@example.org", "A Subscriber")
        mark_email_verified(user=user)
        span = {"starts_at": self.now - timedelta(days=1), "ends_at": self.now + timedelta(days=30)}
        Grant.objects.create(user=user, level=10, **span)
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        return f"sessionid={session.session_key}; csrftoken={'a' * 32}"


def _get_or_create[Instance: Model](model: type[Instance], slug: str, **columns: Any) -> Instance:
    return model._default_manager.get_or_create(slug=slug, defaults=columns)[0]


def _reader(email: str, name: str) -> User:
    return User.objects.filter(email=email).first() or User.objects.create_user(email=email, display_name=name)


def sample_image() -> Image:
    buffer = BytesIO()
    Pillow.linear_gradient("L").resize((1200, 800)).save(buffer, "PNG")
    buffer.seek(0)
    return add_to_library(file=buffer, alt="A field of grey", credit="Drawing: Truthlytics")
