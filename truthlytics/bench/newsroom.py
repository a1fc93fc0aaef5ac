"""What the newsroom costs while the archive is large: its list, its desk, the writing desk, a pause in the typing."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection

# Requests as tests make them: they carry a session, and a form without its token.
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, ReadCount
from articles.services import revisions
from articles.workflow.stages import Stage
from subscriptions.models import User
from truthlytics.bench.corpus import Corpus, body
from truthlytics.bench.measure import NotMeasured, queries
from truthlytics.bench.results import Options, Row, at_most, plain
from truthlytics.bench.search import taken
from truthlytics.bench.site import own_site

EDITOR = "editor@bench.invalid"
LONG, NOTES = 10_000, 60
TRIES = 7
# So many pieces are under way; all are read on each of the last days.
UNDER_WAY, DAYS, READ_A_DAY = 120, 14, 2_000
LIST, DESK, FIND = "admin:articles_article_changelist", "admin:index", "admin:find_answers"


def newsroom(options: Options) -> Iterator[Row]:
    """CPU ms of whole requests of an editor (and of the database's process), the best of several; and their queries."""
    with own_site("newsroom", options):
        corpus = Corpus()
        corpus.fill(options.articles, options.say)
        options.say("Filling the newsroom …")
        editor = member()
        fill_desk(editor, options)
        long = long_article(corpus, editor)
        options.say("Measuring …")
        client = Client(headers={"host": str(settings.ALLOWED_HOSTS[0])})
        client.force_login(editor)
        yield from lists(client, corpus, options)
        yield from desks(client, long, options)


def member() -> User:
    """A publisher, as the group has it: rights are looked up, as for anybody."""
    found = User.objects.filter(email=EDITOR).first()
    editor = found or User.objects.create_user(email=EDITOR, display_name="An editor", is_staff=True)
    editor.groups.add(Group.objects.get(name="Publisher"))
    return editor


def fill_desk(editor: User, options: Options) -> None:
    """Drafts in every stage, some of them late, and reads of two weeks. What is there already is left alone."""
    if Article.objects.in_progress().exists():
        return
    today = timezone.localdate()
    stages = (Stage.DRAFT, Stage.REVIEW, Stage.READY)
    Article.objects.bulk_create(
        Article(
            headline=f"Under way {number}",
            slug=f"under-way-{number}",
            stage=stages[number % 3],
            created_by=editor,
            assignee=editor if number % 4 == 0 else None,
            due_on=today + timedelta(days=number % 9 - 3),
        )
        for number in range(UNDER_WAY)
    )
    read = list(Article.objects.order_by("-published_at", "-id").values_list("pk", flat=True)[:READ_A_DAY])
    for back in range(1, DAYS + 1):
        day = today - timedelta(days=back)
        ReadCount.objects.add({(day, pk): 1 + place * back % 900 for place, pk in enumerate(read)})


def long_article(corpus: Corpus, editor: User) -> Article:
    """10,000 words with 60 citations, saved on purpose."""
    article = corpus.article(0, words=LONG, slug="measured-long")
    if article.revision_number:
        return article
    blocks = body(0, LONG).split("</p>")
    cited = [
        f'{block}<sup data-footnote="A source, number {number}."></sup>' if number < NOTES else block
        for number, block in enumerate(blocks)
    ]
    article.body = "</p>".join(cited)
    article.save()
    revisions.save_revision(item=article, by=editor)
    return article


def lists(client: Client, corpus: Corpus, options: Options) -> Iterator[Row]:
    word = corpus.language.standing_in(0.005)
    pages: dict[str, dict[str, Any]] = {
        "list of articles": {},
        "list, one word": {"q": word},
        "list, an author’s name": {"q": corpus.authors[3].name},
        "list, in review": {"work": "review"},
        "list, drafts": {"state": "draft"},
        "list, last page": {"p": max(1, options.articles // 50)},
    }
    for name, query in pages.items():
        call = asking(client, reverse(LIST), query)
        yield at_most(12, f"{name}: queries", queries(call), "")
        yield at_most(300, name, best(call, options), "ms")
    others: tuple[tuple[str, str, dict[str, Any], int], ...] = (
        ("desk", reverse(DESK), {}, 20),
        ("palette, one word", reverse(FIND), {"q": word}, 12),
    )
    for name, address, query, limit in others:
        call = asking(client, address, query)
        yield at_most(limit, f"{name}: queries", queries(call), "")
        yield plain(name, best(call, options), "ms")


def desks(client: Client, long: Article, options: Options) -> Iterator[Row]:
    name = f"writing desk, {LONG:,} words, {NOTES} citations"
    call = asking(client, reverse("admin:articles_article_change", args=[long.pk]), {})
    yield at_most(25, f"{name}: queries", queries(call), "")
    yield plain(name, best(call, options), "ms")
    autosave = typing(client, long)
    yield plain("autosave of it: queries", queries(autosave), "")
    yield at_most(100, "autosave of it, there and back", best(autosave, options), "ms")
    # Of the words that were just kept, as the page asks once the autosave has answered.
    checks = asking(client, reverse("admin:articles_article_checks", args=[long.pk]), {"tab": "bench"})
    yield at_most(100, "checks of it, there and back", best(checks, options), "ms")


def asking(client: Client, address: str, query: dict[str, Any]) -> Callable[[], None]:
    def call() -> None:
        answer = client.get(address, query)
        if answer.status_code != 200:
            raise NotMeasured(f"{address} answered {answer.status_code}.")

    call()
    return call


def typing(client: Client, article: Article) -> Callable[[], None]:
    """What the browser sends half a second after the last key: the whole form, each time with other words."""
    sequence = count(1)
    address = reverse("admin:articles_article_autosave", args=[article.pk])
    fields = {name: getattr(article, name) for name in ("headline", "standfirst", "slug", "kind", "required_level")}

    def call() -> None:
        number = next(sequence)
        words = {"body": f"{article.body}<p>And {number} words more.</p>", "based_on": article.revision_number}
        sent = {**fields, **words, "section": article.section_id, "_tab": "bench", "_sequence": number, "_take": "1"}
        answer = client.post(address, sent, headers={"accept": "application/json"})
        if answer.status_code != 200:
            raise NotMeasured(f"Autosave answered {answer.status_code}.")

    call()
    return call


def best(call: Callable[[], None], options: Options) -> float:
    """CPU milliseconds of this process, and of the database's where it is one on this machine."""
    connection.ensure_connection()
    return min(taken(call) for _ in range(1 if options.quick else TRIES))
