"""Sample data of any size, from the texts of the demo, so that it compresses like English."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from io import BytesIO
from itertools import count
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Max, Model
from django.test.utils import override_settings
from django.utils import timezone
from PIL import Image as Pillow

from articles import search
from articles.models import Article, Author, Byline, Image, SearchEntry, Section, Topic, Version
from articles.models.search import VERSION_BITS
from articles.search import sqlite
from articles.search.documents import build_document
from articles.services.media import add_to_library
from articles.services.publishing import publish
from comments.models import Comment, Thread
from comments.text import render
from subscriptions.models import Grant, Plan, Price, Tier, User
from subscriptions.services.accounts import mark_email_verified
from truthlytics.bench.results import MeasurementError
from truthlytics.demo import content
from truthlytics.publication.models import Publication

SECTIONS, TOPICS, READERS, TOPICS_EACH = 6, 20, 20, 4
AUTHORS = ["Ash", "Beech", "Cedar", "Elm", "Fir", "Hazel", "Larch", "Maple", "Oak", "Pine"]
WORDS, LONG = 600, 1000
# Articles that are published; all others are copies of their rows, each copy of all so many hours older.
TEXTS, HOURS = 1_000, 1_010
# Far enough apart for the ids of the published articles.
STEP = 10_000
# The display name of this user tells which archive the database has.
MARKER = "archive@bench.invalid"
# One comment and three replies to it.
THREAD = 4
_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
# What differs in a copy, by table: ids, times, and columns that are unique.
_ENTRY = ("article_id version_id", "published_at served_from", "")
_COPIED = {
    "articles_version": ("id article_id", "public_from created_at changed_at", "digest"),
    "articles_article": ("id live_id", "published_at created_at updated_at", "slug uuid"),
    "articles_byline": ("article_id", "", ""),
    "articles_article_topics": ("article_id", "", ""),
    "articles_sectionentry": _ENTRY,
    "articles_authorentry": _ENTRY,
    "articles_topicentry": _ENTRY,
    "articles_searchentry": (_ENTRY[0], _ENTRY[1], "key"),
}


@cache
def paragraphs() -> list[str]:
    files = sorted((content.HERE / "articles").glob("*.html"))
    found = (html for file in files for html in _PARAGRAPH.findall(file.read_text(encoding="utf-8")))
    return [_TAG.sub("", html) for html in found]


def body(number: int, words: int) -> str:
    """Return a text of `words` words with a heading every four paragraphs, different for each `number`."""
    pool, written, html = paragraphs(), 0, ""
    for index in count():
        taken = pool[(number * 7 + index) % len(pool)].split()[: words - written]
        if not taken:
            break
        html += f"<h2>{' '.join(taken[:4])}</h2>" if index and index % 4 == 0 else ""
        html += f"<p>{' '.join(taken)}</p>"
        written += len(taken)
    return html


class Corpus:
    """Sections, topics, authors, readers and about so many articles. What exists is reused."""

    def __init__(self, articles: int, progress: Callable[[str], None]) -> None:
        self.now = timezone.now()
        self.articles = articles
        check_database(articles)
        # Old articles keep the form, which logged-in readers are to be measured with.
        Publication.objects.get_or_create(pk=1, defaults={"comments_close_after_days": None})
        self.sections = [_named(Section, "section", number, position=number) for number in range(SECTIONS)]
        self.topics = [_named(Topic, "topic", number) for number in range(TOPICS)]
        self.authors = [_named(Author, "author", number, name=f"A. {name}") for number, name in enumerate(AUTHORS)]
        self.readers = [user(f"reader{number}@example.org", f"Reader {number}") for number in range(READERS)]
        tier = Tier.objects.get_or_create(level=10, defaults={"slug": "reader", "name": "Reader"})[0]
        plan = Plan.objects.get_or_create(slug="reader-monthly", defaults={"tier": tier, "name": "Reader"})[0]
        self.price = Price.objects.get_or_create(plan=plan, minor=900, currency="EUR", interval="month")[0]
        self.lead = sample_image()
        if not User.objects.filter(email=MARKER).exists():
            self.fill(progress)
            user(MARKER, str(articles))

    def fill(self, progress: Callable[[str], None]) -> None:
        """Write the articles: `article-<n>` is n hours old, and every third is gated."""
        for number in range(1, min(TEXTS, self.articles) + 1):
            self.article(number, level=10 if number % 3 == 0 else 0)
            if number % 100 == 0:
                progress(f"{number} articles")
        if (copies := self.articles // TEXTS - 1) > 0:
            progress(f"Copying them {copies} times …")
            copy_articles(copies)
        search.optimise()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")

    def article(self, number: int, *, words: int = WORDS, level: int = 0, slug: str = "") -> Article:
        slug = slug or f"article-{number}"
        if existing := Article.objects.filter(slug=slug).first():
            return existing
        lines = paragraphs()[number % len(paragraphs())].split()
        article = Article.objects.create(
            headline=" ".join(lines[:9]), standfirst=" ".join(lines[:30]), body=body(number, words), kind="analysis",
            slug=slug, section=self.sections[number % SECTIONS], required_level=level, lead=self.lead,
        )  # fmt: skip
        Byline.objects.create(article=article, author=self.authors[number % len(AUTHORS)], position=0)
        article.topics.set(self.topics[(number + step) % TOPICS] for step in range(TOPICS_EACH))
        publish(item=article, at=self.now - timedelta(hours=number))
        return article

    def add_comments(self, article: Article, comments: int, *, waiting: bool = False) -> None:
        """Add so many comments, unless there are some. Every fourth visible one has three replies."""
        if Comment.objects.filter(article=article).exists():
            return
        threads = content.read("comments.toml")["threads"]
        rendered = [(text, render(text)) for thread in threads for text in (row["text"] for row in thread["comments"])]
        first = (Comment.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
        visible = {"status": Comment.Status.VISIBLE, "approved_at": self.now}
        state: dict[str, Any] = {"hold": Comment.Hold.FIRST} if waiting else visible
        created: list[Comment] = []
        for number in range(comments):
            text, html = rendered[number % len(rendered)]
            parent = created[number // THREAD * THREAD] if number % THREAD and not waiting else None
            author = self.readers[number % READERS]
            row = Comment(
                pk=first + number, article=article, author=author, parent=parent, text=text, html=html, **state
            )
            row.set_path(parent)
            created.append(row)
        Comment.objects.bulk_create(created, batch_size=500)
        reset_sequences(Comment)
        Thread.objects.get_or_create(article=article)
        Thread.objects.count_change(article.pk, 0 if waiting else comments)

    def subscriber(self) -> str:
        """Return the cookie of a subscriber who is logged in."""
        subscriber = user("subscriber@example.org", "A Subscriber")
        mark_email_verified(user=subscriber)
        span = {"starts_at": self.now - timedelta(days=1), "ends_at": self.now + timedelta(days=30)}
        Grant.objects.create(user=subscriber, level=10, **span)
        return session_cookie(subscriber)

    def publisher(self) -> str:
        """Return the cookie of a member of the group Publisher who is logged in."""
        editor = user("editor@example.org", "An Editor", is_staff=True)
        editor.groups.add(Group.objects.get(name="Publisher"))
        return session_cookie(editor)


@transaction.atomic
def copy_articles(copies: int) -> None:
    """Copy the rows of all articles so many times, with their search documents."""
    postgres = connection.vendor == "postgresql"
    older = f"%s - interval '{HOURS} hours' * n" if postgres else f"datetime(%s, '-' || ({HOURS} * n) || ' hours')"
    uuid = "gen_random_uuid()" if postgres else "lower(hex(randomblob(16)))"
    key = f"id - {HOURS * 3600 << VERSION_BITS} * n + {STEP} * n"
    numbers = "WITH RECURSIVE copies (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < %s)"
    with connection.cursor() as cursor:
        for table, (ids, times, texts) in _COPIED.items():
            names = [column.name for column in connection.introspection.get_table_description(cursor, table)]
            columns = {name: name for name in names if name != "id" or "id" in ids.split() or "key" in texts}
            columns |= {name: f"{name} + {STEP} * n" for name in ids.split()}
            columns |= {name: older % name for name in times.split()}
            unique = {"uuid": uuid, "key": key}
            for name in texts.split():
                columns["id" if name == "key" else name] = unique.get(name, f"substr({name}, 1, 50) || '-' || n")
            values = f"SELECT {', '.join(columns.values())} FROM {table}, copies"  # noqa: S608
            cursor.execute(f"{numbers} INSERT INTO {table} ({', '.join(columns)}) {values}", [copies])
    reset_sequences(Article, Version)
    if not postgres:
        for entry in SearchEntry.objects.filter(version__lt=STEP).select_related("version"):
            document = build_document(entry.version)
            move = STEP - (HOURS * 3600 << VERSION_BITS)
            sqlite.write((entry.pk + move * number, document) for number in range(1, copies + 1))


def check_database(articles: int) -> None:
    """Raise MeasurementError if it has a real site, an incomplete archive or one of another size."""
    found = User.objects.filter(email=MARKER).values_list("display_name", flat=True).first()
    if found not in {None, str(articles)}:
        raise MeasurementError(f"The database contains an archive of {found} articles. Use an empty one.")
    if found is None and User.objects.exists():
        raise MeasurementError("The database contains a site. Use an empty one.")


def reset_sequences(*models: type[Model]) -> None:
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def session_cookie(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"sessionid={session.session_key}; csrftoken={'a' * 32}"


def user(email: str, name: str, **columns: Any) -> User:
    found = User.objects.filter(email=email).first()
    return found or User.objects.create_user(email=email, display_name=name, **columns)


def _named[Instance: Model](model: type[Instance], slug: str, number: int, **columns: Any) -> Instance:
    defaults = {"name": f"{slug.title()} {number}", **columns}
    return model._default_manager.get_or_create(slug=f"{slug}-{number}", defaults=defaults)[0]


def sample_image() -> Image:
    buffer = BytesIO()
    Pillow.linear_gradient("L").resize((1200, 800)).save(buffer, "PNG")
    buffer.seek(0)
    # Makes the renditions at once.
    immediate = {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend", "QUEUES": []}
    with override_settings(TASKS={"default": immediate}):
        return add_to_library(file=buffer, alt="A field of grey", credit="Drawing: Truthlytics")
