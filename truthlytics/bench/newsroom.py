"""The cost of the newsroom with a large archive: article list, dashboard, editor and autosave."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection

# Makes requests with a session and without CSRF tokens.
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, ReadCount
from articles.services import revisions
from articles.workflow.stages import Stage
from subscriptions.models import User
from truthlytics.bench.corpus import Corpus, body
from truthlytics.bench.measure import MeasurementError, count_queries
from truthlytics.bench.results import Options, Row, at_most, figure
from truthlytics.bench.search import elapsed
from truthlytics.bench.site import own_site

EDITOR = "editor@bench.invalid"
LONG, NOTES = 10_000, 60
REPEAT = 7
# Articles in progress, and the number of articles read on each of the last days.
IN_PROGRESS, DAYS, READ_PER_DAY = 120, 14, 2_000
LIST, DASHBOARD, PALETTE = "admin:articles_article_changelist", "admin:index", "admin:find_answers"


def newsroom(options: Options) -> Iterator[Row]:
    """CPU ms of an editor's requests, including the database process, the best of several; and their queries."""
    with own_site("newsroom", options):
        corpus = Corpus()
        corpus.fill(options.articles, options.progress)
        options.progress("Filling the newsroom …")
        editor = make_editor()
        fill_newsroom(editor)
        long = long_article(corpus, editor)
        options.progress("Measuring …")
        client = Client(headers={"host": str(settings.ALLOWED_HOSTS[0])})
        client.force_login(editor)
        yield from list_rows(client, corpus, options)
        yield from editor_rows(client, long, options)


def make_editor() -> User:
    """Return a member of the group Publisher, whose permissions are looked up as usual."""
    existing = User.objects.filter(email=EDITOR).first()
    editor = existing or User.objects.create_user(email=EDITOR, display_name="An editor", is_staff=True)
    editor.groups.add(Group.objects.get(name="Publisher"))
    return editor


def fill_newsroom(editor: User) -> None:
    """Create drafts in every stage, some of them overdue, and read counts of two weeks, unless they exist."""
    if Article.objects.in_progress().exists():
        return
    today = timezone.localdate()
    stages = (Stage.DRAFT, Stage.REVIEW, Stage.READY)
    Article.objects.bulk_create(
        Article(
            headline=f"In progress {number}",
            slug=f"in-progress-{number}",
            stage=stages[number % 3],
            created_by=editor,
            assignee=editor if number % 4 == 0 else None,
            due_on=today + timedelta(days=number % 9 - 3),
        )
        for number in range(IN_PROGRESS)
    )
    read = list(Article.objects.order_by("-published_at", "-id").values_list("pk", flat=True)[:READ_PER_DAY])
    for days_ago in range(1, DAYS + 1):
        day = today - timedelta(days=days_ago)
        ReadCount.objects.add({(day, pk): 1 + rank * days_ago % 900 for rank, pk in enumerate(read)})


def long_article(corpus: Corpus, editor: User) -> Article:
    """Return an article of 10,000 words with 60 footnotes and a saved revision."""
    article = corpus.article(0, words=LONG, slug="measured-long")
    if article.revision_number:
        return article
    blocks = body(0, LONG).split("</p>")
    with_notes = [
        f'{block}<sup data-footnote="A source, number {number}."></sup>' if number < NOTES else block
        for number, block in enumerate(blocks)
    ]
    article.body = "</p>".join(with_notes)
    article.save()
    revisions.save_revision(item=article, by=editor)
    return article


def list_rows(client: Client, corpus: Corpus, options: Options) -> Iterator[Row]:
    word = corpus.language.word_in(0.005)
    pages: dict[str, dict[str, Any]] = {
        "list of articles": {},
        "list, one word": {"q": word},
        "list, an author’s name": {"q": corpus.authors[3].name},
        "list, in review": {"work": "review"},
        "list, drafts": {"state": "draft"},
        "list, last page": {"p": max(1, options.articles // 50)},
    }
    for name, query in pages.items():
        call = get(client, reverse(LIST), query)
        yield at_most(12, f"{name}: queries", count_queries(call), "")
        yield at_most(300, name, best(call, options), "ms")
    others: tuple[tuple[str, str, dict[str, Any], int], ...] = (
        ("dashboard", reverse(DASHBOARD), {}, 26),
        ("palette, one word", reverse(PALETTE), {"q": word}, 12),
    )
    for name, url, query, limit in others:
        call = get(client, url, query)
        yield at_most(limit, f"{name}: queries", count_queries(call), "")
        yield figure(name, best(call, options), "ms")


def editor_rows(client: Client, long: Article, options: Options) -> Iterator[Row]:
    name = f"editor, {LONG:,} words, {NOTES} footnotes"
    call = get(client, reverse("admin:articles_article_change", args=[long.pk]), {})
    yield at_most(25, f"{name}: queries", count_queries(call), "")
    yield figure(name, best(call, options), "ms")
    autosave = autosave_request(client, long)
    yield figure("autosave of that article: queries", count_queries(autosave), "")
    yield at_most(100, "autosave of that article, round trip", best(autosave, options), "ms")
    # Of the autosaved text, as the editor requests them after each autosave.
    checks = get(client, reverse("admin:articles_article_checks", args=[long.pk]), {"tab": "bench"})
    yield at_most(100, "checks of that article, round trip", best(checks, options), "ms")


def get(client: Client, url: str, query: dict[str, Any]) -> Callable[[], None]:
    def call() -> None:
        response = client.get(url, query)
        if response.status_code != 200:
            raise MeasurementError(f"{url} returned {response.status_code}.")

    call()
    return call


def autosave_request(client: Client, article: Article) -> Callable[[], None]:
    """Send what the browser sends half a second after the last key: the whole form, each time with another text."""
    sequence = count(1)
    url = reverse("admin:articles_article_autosave", args=[article.pk])
    fields = {name: getattr(article, name) for name in ("headline", "standfirst", "slug", "kind", "required_level")}

    def call() -> None:
        number = next(sequence)
        changed = {"body": f"{article.body}<p>And {number} words more.</p>", "based_on": article.revision_number}
        data = {**fields, **changed, "section": article.section_id, "_tab": "bench", "_sequence": number, "_take": "1"}
        response = client.post(url, data, headers={"accept": "application/json"})
        if response.status_code != 200:
            raise MeasurementError(f"Autosave returned {response.status_code}.")

    call()
    return call


def best(call: Callable[[], None], options: Options) -> float:
    """Return the lowest CPU milliseconds of several calls."""
    connection.ensure_connection()
    return min(elapsed(call) for _ in range(1 if options.quick else REPEAT))
