"""Undo an import: remove the articles, pages, images and names that it created and that no one has worked with since.

Versions are never deleted otherwise. Here whole articles and pages are deleted, with the one version that the import
made, as if it had not happened. What readers have answered or the newsroom has changed since is kept and listed. The
transparency log says which versions were deleted.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from itertools import batched
from operator import or_
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from articles.models import (
    Article,
    Author,
    Autosave,
    Byline,
    Correction,
    DossierArticle,
    DossierEntry,
    DossierVersionArticle,
    ErrorReport,
    GiftLink,
    HomepageEdition,
    Image,
    MenuEdition,
    Page,
    PageVersion,
    Redirect,
    Remark,
    Revision,
    SavedArticle,
    Section,
    ShareLink,
    Topic,
    Version,
    Withdrawal,
    WorkflowStep,
    image_uuids_in_pages,
)
from articles.services import log_entries
from articles.services.media import delete_image
from comments.models import Comment, Decision, Follow, Report, Vote
from truthlytics.contrib.importers.converted import digest_of_item
from truthlytics.contrib.importers.media.library import KNOWN
from truthlytics.contrib.importers.models import ImportedObject, ImportRun
from truthlytics.contrib.importers.progress import Progress

# Articles per transaction.
BATCH_SIZE = 100
# Kept articles that the page lists.
MAX_LISTED = 100
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Outlook:
    """What undoing a run removes: numbers of `articles`, `pages` and `images`.

    `kept` has the others, each with its URL in the newsroom and the reasons.
    """

    articles: int
    pages: int
    images: int
    kept: list[tuple[Article | Page, str, list[str | Promise]]]
    kept_count: int


# --- What prevents it -----------------------------------------------------------------------------------------------
def _exists(model: type[models.Model], field: str = "article", **conditions: object) -> Q:
    rows = model._default_manager.filter(**{field: OuterRef("pk")}, **conditions)
    return Q(Exists(rows))


def article_obstacles(run: ImportRun) -> dict[str | Promise, Q]:
    """Return the conditions under which an article of `run` is kept, by what the page says about it."""
    placed = _uuids(HomepageEdition.objects.values_list("content", flat=True))
    of_comment = "comment__article"
    return {
        _("It was imported by an earlier run."): Q(created_at__lt=run.started_at),
        _("It was edited."): _exists(Revision) | _exists(Autosave),
        _("It has a later version."): _exists(Version, number__gt=1),
        _("It was withdrawn or restored."): _exists(Withdrawal) | Q(withdrawn_at__isnull=False),
        _("Its workflow was changed."): _exists(WorkflowStep, created_by__isnull=False) | Q(assignee__isnull=False),
        _("Readers have commented on it."): _exists(Comment, author__isnull=False) | _exists(Follow),
        _("Readers or moderators have dealt with its comments."): _exists(Vote, of_comment)
        | _exists(Report, of_comment)
        | _exists(Decision, of_comment),
        _("Readers have saved it."): _exists(SavedArticle),
        _("There are gift links or links to its draft."): _exists(GiftLink) | _exists(ShareLink),
        _("It has remarks."): _exists(Remark),
        _("It has reported errors or corrections."): _exists(ErrorReport, "version__article")
        | _exists(Correction, "version__article"),
        _("A dossier names it."): _exists(DossierArticle) | _exists(DossierEntry) | _exists(DossierVersionArticle),
        _("It is on the front page, or was."): Q(uuid__in=placed),
        _("It belongs to a series or has translations."): Q(series__isnull=False) | Q(translation_group__isnull=False),
    }


def page_obstacles(run: ImportRun) -> dict[str | Promise, Q]:
    """Return the same for pages."""
    newest = MenuEdition.objects.newest()
    linked = _uuids([DjangoJSONEncoder().encode(newest.content)] if newest else [])
    return {
        pgettext("page", "It was here before."): Q(created_at__lt=run.started_at),
        _("It was edited."): _exists(Revision, "page") | _exists(Autosave, "page"),
        _("It has a later version."): _exists(PageVersion, "page", number__gt=1),
        _("It was withdrawn or restored."): Q(withdrawn_at__isnull=False),
        _("It is in a menu."): Q(uuid__in=linked),
    }


def _uuids(texts: Iterable[str]) -> set[str]:
    return {uuid for text in texts for uuid in _UUID.findall(text)}


def outlook(run: ImportRun) -> Outlook:
    """Return what undoing `run` would remove and keep. Edits that nothing but the text shows are found then."""
    kept: list[tuple[Article | Page, str, list[str | Promise]]] = []
    removed, kept_count = {}, 0
    for model, obstacles in ((Article, article_obstacles(run)), (Page, page_obstacles(run))):
        rows: Any = _rows(model, run)
        blocked = rows.filter(reduce(or_, obstacles.values()))
        removed[model] = rows.count() - (count := blocked.count())
        kept_count += count
        flags = {f"obstacle_{number}": condition for number, condition in enumerate(obstacles.values())}
        expressions = {name: models.ExpressionWrapper(q, models.BooleanField()) for name, q in flags.items()}
        for row in blocked.annotate(**expressions).order_by("-pk")[:MAX_LISTED]:
            reasons = [label for label, name in zip(obstacles, flags, strict=True) if getattr(row, name)]
            kept.append((row, reverse(f"admin:articles_{model._meta.model_name}_change", args=[row.pk]), reasons))
    images = ImportedObject.objects.filter(run=run, image__isnull=False).count()
    return Outlook(removed[Article], removed[Page], images, kept, kept_count)


def _rows(model: type[Article] | type[Page], run: ImportRun) -> Any:
    name = str(model._meta.model_name)
    imported = ImportedObject.objects.filter(run=run, **{f"{name}__isnull": False})
    return model._default_manager.filter(pk__in=imported.values(name))


# --- Doing it -------------------------------------------------------------------------------------------------------
def undo(run: ImportRun) -> str:
    """Remove what `run` created and no one has worked with since. Returns its status then. Raises Stopped.

    Safe to call again after an interruption.
    """
    progress, done = Progress(), 0
    work: list[tuple[Any, list[int]]] = []
    for model, obstacles in ((Page, page_obstacles(run)), (Article, article_obstacles(run))):
        rows = _rows(model, run).exclude(reduce(or_, obstacles.values()))
        work.append((model, list(rows.order_by("pk").values_list("pk", flat=True))))
    total = sum(len(pks) for _model, pks in work)
    for model, pks in work:
        for batch in batched(pks, BATCH_SIZE):
            with transaction.atomic():
                _remove_unedited(model, run, batch)
            done += len(batch)
            progress(run, done, total)
    _remove_images(run)
    with transaction.atomic():
        _remove_names(run)
    own = ImportRun.objects.filter(pk=run.pk, process=run.process)
    own.update(counts={}, created_rows={}, finished_at=None, done=done, total=total)
    return ImportRun.Status.UNDONE


def _remove_unedited(model: type[Article] | type[Page], run: ImportRun, pks: Iterable[int]) -> None:
    """Remove the rows of a batch with the text that was written."""
    name = str(model._meta.model_name)
    imported = ImportedObject.objects.filter(**{f"{name}__in": pks})
    written = dict(imported.values_list(name, "written_digest"))
    locked: Any = model._default_manager.select_for_update(of=("self",)).filter(pk__in=pks)
    if model is Article:
        bylines = Prefetch("bylines", Byline.objects.select_related("author"))
        locked = locked.select_related("section").prefetch_related(bylines, "topics")
    unedited = [item.pk for item in locked if digest_of_item(item) == written.get(item.pk)]
    if model is Article:
        Article.objects.filter(pk__in=unedited).update(live=None, upcoming=None, upcoming_at=None)
    log_entries.add_deletions(name, unedited, timezone.now())
    versions: Any = Version if model is Article else PageVersion
    # The only place where versions are deleted: not through their manager, which refuses it.
    models.QuerySet(versions).filter(**{f"{name}__in": unedited}).delete()
    model._default_manager.filter(pk__in=unedited).delete()


def _remove_images(run: ImportRun) -> None:
    """Remove the images of `run` that nothing uses any more, except those that were in the library before."""
    imported = ImportedObject.objects.filter(run=run, image__isnull=False).exclude(status=KNOWN)
    images = Image.objects.filter(pk__in=imported.values("image"))
    unused = images.unused().filter(replaced_files=None)
    on_pages = image_uuids_in_pages()
    for image in unused.order_by("pk"):
        if str(image.uuid) not in on_pages:
            with transaction.atomic():
                delete_image(image=image)


def _remove_names(run: ImportRun) -> None:
    """Remove the sections, topics and authors that `run` created and nothing needs any more.

    Also the redirects of those that nothing needed.
    """
    Redirect.objects.filter(to_archive=True, pk__in=run.created_rows.pop("redirect", ())).delete()
    newest = MenuEdition.objects.newest()
    menus = DjangoJSONEncoder().encode(newest.content) if newest else ""
    unused: dict[str, Any] = {
        "section": Section.objects.filter(articles=None, entries=None),
        "topic": Topic.objects.filter(articles=None, entries=None, merged=None, merged_into=None),
        "author": Author.objects.filter(articles=None, entries=None, user=None, portrait=None),
    }
    for kind, pks in run.created_rows.items():
        for row in unused[kind].filter(pk__in=pks):
            if str(row.uuid) not in menus and f'"{row.slug}"' not in menus:
                row.delete()
