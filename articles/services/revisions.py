"""The working row's history: what was saved on purpose is kept, can be compared, and comes back.

`written` is an article or a page. Where the two differ, it is by what they are made of: four functions have a kind
each, an article's here and a page's in `page_drafts`.
"""

import json
from functools import singledispatch
from typing import Any

from django.db import transaction
from django.http import QueryDict

from articles.access import Level
from articles.integrity import canonical, digest_of
from articles.models import Article, Author, Byline, Image, Kind, Recording, Section, Series, Topic
from articles.models.revisions import AnySave
from articles.revisions.fields import Typed, typed
from articles.richtext.vocabulary import clean
from articles.services import remarks
from articles.services.publishing import content_of, move
from truthlytics.web.ids import row_id
from truthlytics.web.text import without_controls

ROWS = 50
LONGEST: dict[str, int | None] = {
    name: getattr(Article._meta.get_field(name), "max_length", None)
    for name in ("headline", "standfirst", "body", "lead_caption", "seo_title", "seo_description")
}


@singledispatch
def content_now(article: Any) -> dict[str, Any]:
    """All that a version would hold, and what only the newsroom sees."""
    return content_of(article) | newsroom_only(article)


def newsroom_only(article: Any) -> dict[str, Any]:
    return {"slug": article.slug, "lead_caption": article.lead_caption.strip()}


def text_of(kept: Any) -> Typed:
    """What was typed, out of a save or a version with its content."""
    text = typed(json.loads(kept.content))
    # A topic that was merged since is the other one, whoever typed what.
    return text | {"topics": _in_order(Topic.objects.as_today(text["topics"]))} if text.get("topics") else text


def text_now(written: Any) -> Typed:
    return typed(content_now(written))


# --- what the desk's form sends, saved or not -----------------------------------------------------
@singledispatch
def text_of_form(article: Any, form: QueryDict, now: Typed | None = None) -> Typed:
    """What would be typed if `form` was saved, however unfinished; what makes no sense stays as it is `now`."""
    text = dict(now or text_now(article))

    def line(name: str) -> str:
        return " ".join(without_controls(str(form.get(name, text[name]))).split())

    text |= {name: line(name) for name in ("headline", "standfirst", "lead_caption", "seo_title", "seo_description")}
    text["body"] = clean(str(form.get("body", text["body"])))
    text["slug"] = line("slug") or text["slug"]
    text["kind"] = form.get("kind") if form.get("kind") in Kind.values else text["kind"]
    level = row_id(form.get("required_level"))
    text["required_level"] = level if level in Level.values else text["required_level"]
    if "section" in form:
        text["section"] = next(iter(_named(Section, [str(form["section"])])), None)
    if "lead" in form:
        lead = Image.objects.filter(pk=row_id(form["lead"]) or 0).first()
        text["lead"] = str(lead.uuid) if lead else None
    if "audio" in form:
        recording = Recording.objects.filter(pk=row_id(form["audio"]) or 0).first()
        text["audio"] = recording.as_content() if recording else None
    if "series" in form:
        series = next(iter(_named(Series, [str(form["series"])])), None)
        text["series"] = series and series | {"part": row_id(form.get("series_part")) or 0}
    if "headline" in form:  # an empty set of boxes sends nothing at all
        text["topics"] = _in_order(_topics(form))
        text["bylines"] = _named(Author, _authors(form))
    return text


def _topics(form: QueryDict) -> list[Topic]:
    """What is ticked, each once; a topic that was merged since is the other one."""
    keys = [key for key in map(row_id, form.getlist("topics")) if key is not None]
    chosen = Topic.objects.select_related("merged_into").filter(pk__in=keys)
    return list({topic.survivor.pk: topic.survivor for topic in chosen}.values())


def _in_order(topics: list[Topic]) -> list[dict[str, str]]:
    rows = [{"uuid": str(topic.uuid), "name": topic.name} for topic in topics]
    return sorted(rows, key=lambda topic: topic["name"])


def _named(model: Any, chosen: list[str]) -> list[dict[str, str]]:
    keys = [key for key in map(row_id, chosen) if key is not None]
    found = model.objects.only("uuid", "name").in_bulk(keys)
    return [{"uuid": str(found[key].uuid), "name": found[key].name} for key in dict.fromkeys(keys) if key in found]


def _authors(form: QueryDict) -> list[str]:
    rows = []
    for number in range(min(ROWS, row_id(form.get("bylines-TOTAL_FORMS")) or 0)):
        if author := form.get(f"bylines-{number}-author"):
            rows.append((row_id(form.get(f"bylines-{number}-position")) or 0, number, author))
    return [author for _, _, author in sorted(rows)]


# --- history --------------------------------------------------------------------------------------
@transaction.atomic
def record(*, written: Any, by: Any, name: str = "") -> AnySave | None:
    """Keep `written` as it stands as its next edition; None where nothing changed since the last one.

    Call it with the row locked: the edition is what a second editor is told by.
    """
    content = content_now(written)
    if (last := _last(written)) is not None and last.content_digest == _digest(content):
        return None
    edition = written.edition + 1
    type(written).objects.filter(pk=written.pk).update(edition=edition)
    written.edition = edition
    if isinstance(written, Article):
        remarks.follow(article=written)
    return _keep(written, content, edition=edition, made_by=by, name=name)


def keep_current(*, written: Any) -> None:
    """Before `written` is written over: what stands there without a save (an import, an old row) is kept as one."""
    if written.begun_only:
        return
    if _last(written) is None:
        _keep(written, content_now(written), edition=written.edition, made_at=written.updated_at)
    else:
        record(written=written, by=None)


def put_aside(*, written: Any, text: Typed, by: Any, edition: int) -> AnySave:
    """Keep words that lost a choice: they stand in the history as nobody's save."""
    return _keep(written, content_with(written, text), edition=edition, aside=True, made_by=by)


def _last(written: Any) -> AnySave | None:
    found: AnySave | None = written.saves.on_purpose().order_by("-edition").only("content_digest").first()
    return found


def _keep(written: Any, content: dict[str, Any], **about: Any) -> AnySave:
    kept: AnySave = written.saves.create(content=canonical(content), content_digest=_digest(content), **about)
    return kept


def _digest(content: dict[str, Any]) -> str:
    """Of what people typed here: a credit mended in the library is no change of the text."""
    return digest_of(canonical({name: value for name, value in content.items() if name != "pictures"}))


@singledispatch
def content_with(article: Any, text: Typed) -> dict[str, Any]:
    """All that a save of `article` would hold if `text` stood in it."""
    content = content_now(article) | {
        name: text[name] for name in text if name not in {"lead", "seo_title", "seo_description"}
    }
    for name in ("series", "audio"):
        if not content[name]:
            del content[name]
    content["lead"] = {"uuid": text["lead"], "caption": text["lead_caption"]} if text["lead"] else None
    return content | {"seo": {"title": text["seo_title"], "description": text["seo_description"]}}


@transaction.atomic
def put(*, written: Any, text: Typed, by: Any) -> AnySave | None:
    """Write `text` onto the working row and record it; what stood there is in the history before.

    A section, topic, author or picture that is gone meanwhile is left out. `written` itself is refreshed.
    """
    locked = type(written).objects.select_for_update().get(pk=written.pk)
    keep_current(written=locked)
    write(locked, text)
    save = record(written=locked, by=by)
    written.refresh_from_db()
    return save


@singledispatch
def write(locked: Any, text: Typed) -> None:
    """Put `text` into the columns of the locked row, and save it; an address that was public leads on."""
    old_slug = locked.slug
    for name, longest in LONGEST.items():
        setattr(locked, name, text[name][:longest])
    locked.kind = text["kind"] if text["kind"] in Kind.values else locked.kind
    locked.required_level = text["required_level"]
    locked.slug = text.get("slug", locked.slug)
    locked.section = Section.objects.filter(uuid=text["section"]["uuid"]).first() if text["section"] else None
    locked.lead = Image.objects.filter(uuid=text["lead"]).first() if text["lead"] else None
    audio = text["audio"]
    locked.audio = Recording.objects.filter(sha256=audio["sha256"]).first() if audio else None
    _place_in_series(locked, text["series"])
    locked.save()
    locked.topics.set(Topic.objects.as_today(text["topics"]))
    _write_bylines(locked, [byline["uuid"] for byline in text["bylines"]])
    if locked.slug != old_slug and locked.published_at is not None:
        move(article=locked, old_slug=old_slug)


def _place_in_series(article: Article, wanted: dict[str, Any] | None) -> None:
    """The part that is `wanted`, or the one after the last where another piece has that number by now."""
    series = Series.objects.filter(uuid=wanted["uuid"]).first() if wanted else None
    part = None
    if series is not None and wanted is not None:
        part = min(wanted["part"], 32767)
        if not part or series.articles.filter(series_part=part).exclude(pk=article.pk).exists():
            part = series.next_part()
    article.series, article.series_part = series, part


def _write_bylines(article: Article, wanted: list[str]) -> None:
    authors = {str(author.uuid): author for author in Author.objects.filter(uuid__in=wanted)}
    article.bylines.exclude(author__uuid__in=wanted).delete()
    for position, uuid in enumerate((uuid for uuid in wanted if uuid in authors), start=1):
        Byline.objects.update_or_create(article=article, author=authors[uuid], defaults={"position": position})
