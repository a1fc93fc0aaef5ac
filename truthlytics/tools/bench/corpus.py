"""Sample data of any size.

The articles of the archive consist of words from a vocabulary of 30,000 with the frequencies of a natural language
(Zipf's law), so that each text is different and most words are rare. What is measured by its size has texts of the
demo, which compress like English.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from io import BytesIO
from itertools import accumulate, batched, count
from random import Random
from typing import Any

from allauth.account.models import EmailAddress
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
from articles.models import Article, Author, Byline, Image, Section, Topic, Version
from articles.services.media import add_to_library
from articles.services.publishing import FirstPublication, publish, publish_first_versions
from comments.models import Comment, Thread
from comments.text import render
from subscriptions.models import Grant, Plan, Price, Tier, User
from subscriptions.services.accounts import mark_email_verified
from truthlytics.publication.models import Publication
from truthlytics.tools.bench.results import MeasurementError
from truthlytics.tools.demo import content
from truthlytics.web.lookalikes import skeleton

SECTIONS, TOPICS, READERS, TOPICS_EACH = 6, 20, 20, 4
AUTHORS = ["Ash", "Beech", "Cedar", "Elm", "Fir", "Hazel", "Larch", "Maple", "Oak", "Pine"]
WORDS, LONG = 600, 1000
VOCABULARY = 30_000
# Articles that are published; all others are copies of their rows with texts of their own, each copy of all so many
# hours older.
TEXTS, HOURS = 1_000, 1_010
# Far enough apart for the ids of the published articles.
STEP = 10_000
BATCH = 500
# The display name of this user tells which archive the database has.
MARKER = "archive@bench.invalid"
# One comment and three replies to it.
THREAD = 4
_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
# What differs in a copy, by table: ids, times, columns that are unique, and texts that are written afterwards.
_ENTRY = ("article_id version_id", "published_at served_from", "", "")
_COPIED = {
    "articles_version": (
        "id article_id",
        "public_from created_at changed_at",
        "digest",
        "headline standfirst free_html paid_html plain_free plain_all",
    ),
    "articles_article": ("id live_id", "published_at created_at updated_at", "slug uuid", "headline standfirst body"),
    "articles_byline": ("article_id", "", "", ""),
    "articles_article_topics": ("article_id", "", "", ""),
    "articles_sectionentry": _ENTRY,
    "articles_authorentry": _ENTRY,
    "articles_topicentry": _ENTRY,
}
_SYLLABLES = [consonant + vowel for consonant in "bdfghklmnprstvz" for vowel in "aeiou"]
_ENDINGS = ["", "n", "r", "ner", "ment", "tion", "ling", "ity", "ous", "al"]


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


@cache
def vocabulary() -> tuple[list[str], list[float]]:
    """Return the words, the most frequent one first, and the sums of their frequencies. Ten words share a beginning."""
    random = Random(1)  # noqa: S311
    stems = {"".join(random.choices(_SYLLABLES, k=2 + number % 2)): None for number in range(VOCABULARY)}
    words = [stem + ending for stem in list(stems)[: VOCABULARY // len(_ENDINGS)] for ending in _ENDINGS]
    random.shuffle(words)
    return words, list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))


def archive_text(number: int, words: int = WORDS) -> tuple[list[str], str]:
    """Return the words of the archive's article `number`, and its HTML in paragraphs of sixty words."""
    pool, sums = vocabulary()
    text = Random(number).choices(pool, cum_weights=sums, k=words)  # noqa: S311
    return text, "".join(f"<p>{' '.join(part)}.</p>" for part in batched(text, 60))


class Corpus:
    """Sections, topics, authors, readers and about so many articles. What exists is reused."""

    def __init__(self, articles: int, progress: Callable[[str], None]) -> None:
        self.now = timezone.now()
        self.articles = articles
        self.progress = progress
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
        """Publish the articles: `article-<n>` is n hours old, and every third is gated."""
        for numbers in batched(range(1, min(TEXTS, self.articles) + 1), BATCH):
            self.publish_archive(numbers)
            progress(f"{numbers[-1]} articles")
        if (copies := self.articles // TEXTS - 1) > 0:
            with without_word_indexes():
                copy_articles(copies, progress)
        search.optimise()
        analyse()

    @transaction.atomic
    def publish_archive(self, numbers: Sequence[int]) -> None:
        texts = [archive_text(number) for number in numbers]
        articles = Article.objects.bulk_create(
            Article(
                headline=" ".join(words[:9]), standfirst=" ".join(words[9:30]), body=html, kind="analysis",
                slug=f"article-{number}", section=self.sections[number % SECTIONS], lead=self.lead,
                required_level=10 if number % 3 == 0 else 0,
            )
            for number, (words, html) in zip(numbers, texts, strict=True)
        )  # fmt: skip
        pairs = list(zip(numbers, articles, strict=True))
        Byline.objects.bulk_create(
            Byline(article=article, author=self.authors[number % len(AUTHORS)], position=0) for number, article in pairs
        )
        Article.topics.through.objects.bulk_create(
            Article.topics.through(article=article, topic=self.topics[(number + step) % TOPICS])
            for number, article in pairs
            for step in range(TOPICS_EACH)
        )
        publish_first_versions(
            [FirstPublication(article, self.now - timedelta(hours=number), "") for number, article in pairs]
        )

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

    def add_discussion(self, readers: int, comments: int) -> None:
        """Add so many readers with names, and their comments of thirty words below the newest articles."""
        name = "reading{}@bench.invalid"
        if User.objects.filter(email=name.format(0)).exists():
            return
        pool, sums = vocabulary()
        random = Random(2)  # noqa: S311
        for numbers in batched(range(readers), BATCH):
            names = [" ".join(random.choices(pool, k=2)).title() for _ in numbers]
            users = User.objects.bulk_create(
                User(
                    email=name.format(number), display_name=shown, name_key=skeleton(shown), verified_at=self.now,
                    member_since=self.now - timedelta(minutes=number),
                )
                for number, shown in zip(numbers, names, strict=True)
            )  # fmt: skip
            EmailAddress.objects.bulk_create(
                EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
            )
        ids = list(User.objects.filter(email__startswith="reading").values_list("pk", flat=True))
        newest = Article.objects.order_by("-published_at").values_list("pk", flat=True)
        articles = list(newest[: max(1, comments // 20)])
        first = (Comment.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
        for numbers in batched(range(comments), BATCH):
            rows = []
            for number in numbers:
                text = " ".join(random.choices(pool, cum_weights=sums, k=30))
                at = self.now - timedelta(minutes=10 * number)
                row = Comment(
                    pk=first + number, article_id=articles[number % len(articles)], author_id=random.choice(ids),
                    text=text, html=render(text), status=Comment.Status.VISIBLE, approved_at=at, created_at=at,
                )  # fmt: skip
                row.set_path(None)
                rows.append(row)
            Comment.objects.bulk_create(rows)
        reset_sequences(Comment)
        analyse()

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


@contextmanager
def without_word_indexes() -> Iterator[None]:
    """Drop PostgreSQL's indexes of words meanwhile: building them at the end takes a fraction of the time."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("PRAGMA cache_size = -400000")
            if not connection.in_atomic_block:
                cursor.execute("PRAGMA synchronous = OFF")
            yield
            return
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%USING gin%'"
            " AND tablename IN ('articles_article', 'articles_searchentry')"
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for _, definition in indexes:
            cursor.execute(definition)


def copy_articles(copies: int, progress: Callable[[str], None]) -> None:
    """Copy the rows of all articles so many times, and give each copy a text of its own, also in the search index."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table, differences in _COPIED.items():
            copy_rows(cursor, table, differences, copies)
    reset_sequences(Article, Version)
    write_texts(progress)


def copy_rows(cursor: Any, table: str, differences: tuple[str, str, str, str], copies: int, where: str = "") -> None:
    """Copy the rows of a table so many times. `differences` are as in _COPIED, and `where` chooses the rows."""
    postgres = connection.vendor == "postgresql"
    older = f"%s - interval '{HOURS} hours' * n" if postgres else f"datetime(%s, '-' || ({HOURS} * n) || ' hours')"
    uuid = "gen_random_uuid()" if postgres else "lower(hex(randomblob(16)))"
    numbers = "WITH RECURSIVE copies (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < %s)"
    ids, times, unique, texts = differences
    names = [column.name for column in connection.introspection.get_table_description(cursor, table)]
    columns = {name: name for name in names if name != "id" or "id" in ids.split()}
    columns |= {name: f"{name} + {STEP} * n" for name in ids.split()}
    columns |= {name: older % name for name in times.split()}
    for name in unique.split():
        columns[name] = uuid if name == "uuid" else f"substr({name}, 1, 50) || '-' || n"
    columns |= dict.fromkeys(texts.split(), "''")
    values = f"SELECT {', '.join(columns.values())} FROM {table}, copies {where}"  # noqa: S608
    cursor.execute(f"{numbers} INSERT INTO {table} ({', '.join(columns)}) {values}", [copies])


def write_texts(progress: Callable[[str], None]) -> None:
    known_words: set[tuple[int, str]] = set()
    last = STEP
    while versions := list(Version.objects.filter(pk__gt=last).select_related("article").order_by("pk")[:BATCH]):
        texts = [archive_text(version.pk) for version in versions]
        for version, (words, html) in zip(versions, texts, strict=True):
            free = WORDS // 4 if version.required_level else len(words)
            version.headline, version.standfirst = " ".join(words[:9]), " ".join(words[9:30])
            version.plain_free, version.plain_all = " ".join(words[:free]), " ".join(words)
            end = html.find("<p>", len(html) // 4) if version.required_level else len(html)
            version.free_html, version.paid_html = (html[:end], html[end:])
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE articles_version SET headline = %s, standfirst = %s, plain_free = %s, plain_all = %s,"
                " free_html = %s, paid_html = %s WHERE id = %s",
                [
                    (row.headline, row.standfirst, row.plain_free, row.plain_all, row.free_html, row.paid_html, row.pk)
                    for row in versions
                ],
            )
            cursor.executemany(
                "UPDATE articles_article SET headline = %s, standfirst = %s, body = %s WHERE id = %s",
                [
                    (row.headline, row.standfirst, html, row.article_id)
                    for row, (_words, html) in zip(versions, texts, strict=True)
                ],
            )
        search.index_many(((version, None) for version in versions), known_words)
        last = versions[-1].pk
        progress(f"copies until id {last}")


def analyse() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


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


def _named[Instance: Model](model: type[Instance], slug: str, number: int, **columns: object) -> Instance:
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
