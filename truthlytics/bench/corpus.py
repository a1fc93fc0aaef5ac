"""A publication of any size to measure on, in the words of the demo: English, so that it compresses like English."""

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
from subscriptions.adapter import mark_email_verified
from subscriptions.models import Grant, Plan, Price, Tier, User
from truthlytics.bench.archive import Archive
from truthlytics.bench.language import Language
from truthlytics.bench.measure import NotMeasured
from truthlytics.demo import content

SECTIONS, TOPICS, AUTHORS, READERS = 6, 20, 10, 20
TOPICS_EACH = 4
WORDS, LONG = 900, 1000
# Whose display name says which archive the database holds.
MARK = "archive@bench.invalid"
# One comment and three that answer it, and so on.
THREAD = 4
BATCH = 100

_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


@cache
def paragraphs() -> list[str]:
    files = sorted((content.HERE / "articles").glob("*.html"))
    found = (words for file in files for words in _PARAGRAPH.findall(file.read_text(encoding="utf-8")))
    return [_TAG.sub("", words) for words in found]


def body(number: int, words: int) -> str:
    """A text of `words` words, with a heading every four paragraphs; each `number` begins elsewhere."""
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
    """What all pieces have in common; `fill` writes the archive, `article` publishes one more.

    Made again over a kept archive it finds what is there.
    """

    def __init__(self) -> None:
        self.now: datetime = timezone.now()
        names = [" ".join(words.split()[:2]).strip(",.“”’") for words in paragraphs()]
        self.language = Language(paragraphs())
        self.sections = [
            _kept(Section, f"section-{number}", name=f"Section {number}", position=number) for number in range(SECTIONS)
        ]
        self.topics = [_kept(Topic, f"topic-{number}", name=f"{names[number]} {number}") for number in range(TOPICS)]
        self.authors = [_kept(Author, f"author-{number}", name=f"Author {number}") for number in range(AUTHORS)]
        self.readers = [_reader(f"reader{number}@example.org", f"Reader {number}") for number in range(READERS)]
        tier = _kept(Tier, "reader", level=10, name="Reader", benefits="Every piece in full")
        plan = _kept(Plan, "reader-monthly", tier=tier, name="Reader")
        Price.objects.get_or_create(plan=plan, minor=900, currency="EUR", interval="month")
        self.lead = picture()

    def fill(self, articles: int, say: Callable[[str], None]) -> None:
        """Write an archive of so many, the first of them one hour old; one that is there already is taken as it is.

        Raises NotMeasured where there is another one, or half of one.
        """
        mark = _reader(MARK, "new")
        if mark.display_name == str(articles):
            return
        if mark.display_name != "new":
            raise NotMeasured(f"The database holds another archive ({mark.display_name}): name an empty one.")
        User.objects.filter(pk=mark.pk).update(display_name=f"a part of {articles}")
        Archive(
            language=self.language, sections=self.sections, topics=self.topics, authors=self.authors, lead=self.lead,
            now=self.now,
        ).fill(articles, say)  # fmt: skip
        say("Making the database quick …")
        search.optimise()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
        User.objects.filter(pk=mark.pk).update(display_name=str(articles))

    def article(self, number: int, *, words: int = WORDS, level: int = 0, slug: str = "") -> Article:
        if kept := Article.objects.filter(slug=slug).first():
            return kept
        lines = paragraphs()[number % len(paragraphs())].split()
        article = Article.objects.create(
            headline=" ".join(lines[:9]),
            standfirst=" ".join(lines[:30]),
            body=body(number, words),
            kind="analysis",
            slug=slug or f"piece-{number}",
            section=self.sections[number % SECTIONS],
            required_level=level,
            lead=self.lead,
        )
        Byline.objects.create(article=article, author=self.authors[number % AUTHORS], position=0)
        article.topics.set(self.topics[(number + step) % TOPICS] for step in range(TOPICS_EACH))
        publish(item=article, at=self.now - timedelta(hours=number))
        return article

    def converse(self, article: Article, comments: int) -> None:
        """A conversation of so many visible comments: threads of one and three answers to it."""
        if Thread.objects.filter(article=article).exists():
            return
        texts = [
            entry["text"].strip() for thread in content.read("comments.toml")["threads"] for entry in thread["comments"]
        ]
        drawn = [(text, render(text)) for text in texts]
        first = (Comment.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
        made: list[Comment] = []
        for number in range(comments):
            text, html = drawn[number % len(drawn)]
            above = made[number // THREAD * THREAD] if number % THREAD else None
            comment = Comment(
                pk=first + number, article=article, author=self.readers[number % READERS], parent=above, text=text,
                html=html, status=Comment.Status.VISIBLE, approved_at=self.now,
            )  # fmt: skip
            comment.set_path(above)
            made.append(comment)
        with transaction.atomic():
            Comment.objects.bulk_create(made, batch_size=500)
            Thread.objects.create(article=article)
            Thread.objects.count_change(article.pk, comments)

    def subscriber(self) -> str:
        """The cookies of somebody who has paid, is logged in, and has seen a form before."""
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


def _kept[Made: Model](model: type[Made], slug: str, **columns: Any) -> Made:
    return model._default_manager.get_or_create(slug=slug, defaults=columns)[0]


def _reader(email: str, name: str) -> User:
    return User.objects.filter(email=email).first() or User.objects.create_user(email=email, display_name=name)


def picture() -> Image:
    buffer = BytesIO()
    Pillow.linear_gradient("L").resize((1200, 800)).save(buffer, "PNG")
    buffer.seek(0)
    return add_to_library(file=buffer, alt="A field of grey", credit="Drawing: Truthlytics")
