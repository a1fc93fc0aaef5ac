"""Load the demo publication through the same services that editors and readers use."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from articles.access import Level
from articles.homepage.layout import Layout, Place, RowLayout
from articles.media.renditions import create_first_renditions
from articles.models import Article, Author, Byline, Image, Recording, Section, Series, Source, Topic
from articles.services.homepage import publish_draft, save_draft
from articles.services.media import add_to_library, store_recording
from articles.services.publishing import publish
from articles.sources.extraction import cited_sources
from subscriptions.models import User
from truthlytics.publication.files import store
from truthlytics.publication.mail import deliver
from truthlytics.publication.models import Publication
from truthlytics.tools.demo import content
from truthlytics.tools.demo.accounts import load_accounts, load_plans, load_writers
from truthlytics.tools.demo.comments import load_comments
from truthlytics.tools.demo.dossiers import load_dossiers
from truthlytics.tools.demo.error_reports import load_error_reports
from truthlytics.tools.demo.newsletters import load_newsletters
from truthlytics.tools.demo.pages import load_pages
from truthlytics.tools.demo.read_counts import load_read_counts
from truthlytics.tools.demo.subscriptions import load_subscriptions
from truthlytics.web.types import Content

IMAGES = Path(__file__).parent / "images"
# Made with eSpeak NG from the texts of the articles, without their footnotes.
RECORDINGS = Path(__file__).parent / "recordings"
LEVELS = {level.name.lower(): level for level in Level}
FACE_ALT, FACE_CREDIT = "Portrait of {name} in silhouette", "Illustration: Truthlytics"


class Track(Protocol):
    """Yields `items` and reports how many of them are done."""

    def __call__[T](self, label: str, items: Sequence[T], /) -> Iterable[T]: ...


def silently[T](label: str, items: Sequence[T], /) -> Iterable[T]:
    return items


def load(now: datetime | None = None, track: Track = silently) -> None:
    """Load everything, backdated from `now`. Call this on an empty site only.

    Images get their first renditions only; the queued tasks make the others.
    """
    now = now or timezone.now()
    accounts = load_publication(now, track)
    # Payment providers must not be called inside a transaction.
    load_subscriptions(content.read("subscriptions.toml"), accounts, now)
    load_newsletters(content.read("newsletters.toml"), accounts, now)
    # These things happened in the past, so no one gets an email about them now.
    DBTaskResult.objects.filter(task_path=deliver.module_path).delete()


@transaction.atomic
def load_publication(now: datetime, track: Track = silently) -> dict[str, User]:
    """Load everything except purchases; return accounts and readers by key."""
    publication = content.read("publication.toml")
    load_settings(publication["settings"])
    for position, section in enumerate(publication["sections"]):
        Section.objects.create(position=position, **section)
    for topic in publication["topics"]:
        Topic.objects.create(**topic)
    for series in publication["series"]:
        Series.objects.create(**series)
    image_fields = tomllib.loads((IMAGES / "images.toml").read_text(encoding="utf-8"))
    images = {key: load_image(key, fields) for key, fields in track("Images", list(image_fields.items()))}
    for author in track("Authors", publication["authors"]):
        load_author(author)
    load_plans(publication["plans"])
    accounts = load_accounts(now)
    writers = load_writers(now, accounts)
    for path in track("Articles", sorted((content.HERE / "articles").glob("*.html"))):
        load_article(path, images, accounts, now)
    load_dossiers(content.read("dossiers.toml"), accounts["editor"], now)
    load_pages(sorted((content.HERE / "pages").glob("*.html")), accounts["editor"], now)
    load_front(content.read("front.toml"), accounts["editor"])
    readers = load_comments(content.read("comments.toml"), accounts, writers, now)
    load_error_reports(content.read("error_reports.toml"), accounts["editor"], now)
    load_read_counts(now)
    return {**accounts, **readers}


def load_settings(fields: Content) -> None:
    card = (IMAGES / "social.png").read_bytes()
    Publication.objects.create(social_image=store(card, "png", 1200, 630), **fields)


def load_image(key: str, fields: Content) -> Image:
    with (IMAGES / f"{key}.png").open("rb") as file:
        image = add_to_library(file=file, title=key.capitalize(), **fields)
    create_first_renditions(image)
    return image


def load_author(fields: Content) -> None:
    name = fields["name"]
    with (IMAGES / "faces" / f"{fields['portrait']}.png").open("rb") as file:
        portrait = add_to_library(
            file=file, title=f"{name} (portrait)", alt=FACE_ALT.format(name=name), credit=FACE_CREDIT
        )
    create_first_renditions(portrait)
    Author.objects.create(
        name=name,
        slug=fields["slug"],
        role=fields["role"],
        bio=fields["bio"],
        expertise=", ".join(fields["expertise"]),
        links="\n".join(fields.get("links", [])),
        portrait=portrait,
    )


def load_article(path: Path, images: Mapping[str, Image], accounts: Mapping[str, User], now: datetime) -> None:
    """Load and publish one article file, which holds the newest text and the differences of earlier versions."""
    _, head, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    fields = tomllib.loads(head)
    for key, image in images.items():
        body = body.replace(f'data-image="{key}"', f'data-image="{image.uuid}"')
    editor = accounts["editor"]
    article = Article.objects.create(
        headline=fields["headline"],
        standfirst=fields["standfirst"],
        body=body,
        kind=fields["kind"],
        section=Section.objects.get(slug=fields["section"]),
        series=Series.objects.filter(slug=fields.get("series", "")).first(),
        series_part=fields.get("series_part"),
        required_level=LEVELS[fields["access"]],
        lead=images.get(fields.get("lead", "")),
        lead_caption=fields.get("lead_caption", ""),
        audio=load_recording(fields["recording"], fields["headline"]) if "recording" in fields else None,
        slug=path.stem,
        **fields.get("how_we_know", {}),
        ai_uses=fields.get("ai_uses", ["none"]),
        created_by=editor if "age_hours" in fields else accounts["author"],
    )
    load_sources(article)
    article.topics.set(Topic.objects.filter(slug__in=fields["topics"]))
    for position, slug in enumerate(fields["authors"]):
        Byline.objects.create(article=article, author=Author.objects.get(slug=slug), position=position)
    if "age_hours" not in fields:
        return
    for state in fields.get("earlier", []):
        article.body = _earlier(body, state.get("replace", []))
        article.headline = state.get("replace_headline", fields["headline"])
        article.standfirst = state.get("replace_standfirst", fields["standfirst"])
        article.save()
        publish(item=article, by=editor, at=_ago(now, state), note=state["note"], kind=state.get("change", ""))
    article.headline, article.standfirst, article.body = fields["headline"], fields["standfirst"], body
    article.save()
    publish(item=article, by=editor, at=_ago(now, fields), note=fields.get("note", ""), kind=fields.get("change", ""))


def load_recording(name: str, title: str) -> Recording:
    recording = Recording(title=f"{title}, read by a computer voice")
    with (RECORDINGS / f"{name}.mp3").open("rb") as file:
        store_recording(recording, file)
    return recording


def load_sources(article: Article) -> None:
    details = content.read("sources.toml")["sources"]
    for cited in cited_sources(article.body, gated=False):
        for fields in details:
            if cited.title.startswith(fields["note"]):
                Source.objects.create(key=cited.key, **{name: fields[name] for name in fields if name != "note"})


def load_front(front: Content, editor: User) -> None:
    """Publish one manually arranged edition of the front page."""
    articles = {slug: str(uuid) for slug, uuid in Article.objects.values_list("slug", "uuid")}
    sections = {slug: str(uuid) for slug, uuid in Section.objects.values_list("slug", "uuid")}
    layout = Layout(
        lead=Place(articles[front["lead"]]),
        secondary=tuple(Place(articles[slug]) for slug in front["secondary"]),
        opinion=Place(articles[front["opinion"]]),
        rows=tuple(
            RowLayout(sections[row["section"]]).with_articles(articles[slug] for slug in row["articles"])
            for row in front["rows"]
        ),
    )
    draft = save_draft(layout=layout, seen=0, by=editor)
    publish_draft(seen=draft.version, last=0, by=editor, note=front["note"])


def _earlier(body: str, changes: Sequence[Sequence[str]]) -> str:
    for newer, older in changes:
        if body.count(newer) != 1:
            raise ValueError(f"“{newer}” must occur once in the newest text.")
        body = body.replace(newer, older)
    return body


def _ago(now: datetime, fields: Content) -> datetime:
    moment = now - timedelta(hours=float(fields["age_hours"]))
    # Round down to a quarter of an hour, as newsrooms schedule.
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
