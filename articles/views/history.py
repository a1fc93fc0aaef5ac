"""The public history of articles, dossiers and pages: all versions, two of them compared, and each read or verified."""

import json
from collections.abc import Callable
from functools import partial

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest, decide
from articles.presenters.history import (
    ArticleKind,
    DossierKind,
    History,
    ItemKind,
    PageKind,
    history_context,
    history_of,
)
from articles.presenters.machine_texts import MachineText, machine_text
from articles.presenters.old_versions import comparison_context, version_context
from articles.presenters.verification import evidence_context, verification_context
from articles.views.decorators import gone_if_withdrawn
from truthlytics.transparency.views import TAG as LOG_TAG
from truthlytics.web.canonical_json import canonical
from truthlytics.web.fragments import add_tags
from truthlytics.web.ids import parse_id
from truthlytics.web.pages import cached_page, public_page

Respond = Callable[..., HttpResponse]


def _view(respond: Respond, kind: ItemKind) -> Respond:

    @public_page(tags=kind.tags)
    @require_safe
    @gone_if_withdrawn(kind.model)
    def view(request: ReaderRequest, slug: str, **numbers: int) -> HttpResponse:
        return respond(request, kind, history_of(kind, slug, timezone.now()), **numbers)

    return view


def _history(request: ReaderRequest, kind: ItemKind, history: History) -> HttpResponse:
    """List the versions, newest first. `after` is the number of the last one on the page before."""
    last = history.current.number + 1
    before = min(parse_id(request.GET.get("after")) or last, last)
    make = partial(history_context, kind, history, before, timezone.now())
    return _page(request, "articles/history.html", kind, history, "history", before, make=make)


def _comparison(request: ReaderRequest, kind: ItemKind, history: History, old: int, new: int) -> HttpResponse:
    """Compare two versions. Numbers in the wrong order are swapped; of one version alone, show that version."""
    first, second = sorted((history.get(old), history.get(new)))
    if old == new:
        return redirect(history.version_url(new))
    if old > new:
        return redirect(history.comparison_url(new, old))
    decision = decide(strictest := history.strictest(first, second), request.access)
    make = partial(comparison_context, kind, history, first, second, complete=decision.allowed, now=timezone.now())
    key = "comparison", old, new, strictest.required_level, decision.allowed
    return _page(
        request, "articles/comparison.html", kind, history, *key,
        make=make, decision=decision, required_level=strictest.required_level, path=history.comparison_url(old, new),
    )  # fmt: skip


def _version(request: ReaderRequest, kind: ItemKind, history: History, number: int) -> HttpResponse:
    """Show an old version. The current one has the address of the item itself, until the next one replaces it."""
    version = history.get(number)
    if version == history.current:
        return redirect(history.url)
    decision = decide(strictest := history.strictest(version), request.access)
    make = partial(version_context, kind, history, version, complete=decision.allowed, now=timezone.now())
    key = "version", number, strictest.required_level, decision.allowed
    return _page(
        request, f"articles/{kind.name}_version.html", kind, history, *key,
        make=make, decision=decision, required_level=strictest.required_level, path=history.version_url(number),
    )  # fmt: skip


def _verification(request: ReaderRequest, kind: ItemKind, history: History, number: int = 0) -> HttpResponse:
    """Let readers verify a version. Without a number, it is the current one."""
    version = history.get(number) if number else history.current
    if number and version == history.current:
        return redirect(history.verification_url())
    decision = decide(history.strictest(version), request.access)
    make = partial(verification_context, kind, history, version, readable=decision.allowed, now=timezone.now())
    key = "verification", version.number, decision.allowed
    add_tags(LOG_TAG)
    return _page(request, "articles/verification.html", kind, history, *key, make=make, tags=(LOG_TAG,))


def _evidence(request: ReaderRequest, kind: ItemKind, history: History, number: int = 0) -> HttpResponse:
    """Answer with the data that is needed to verify a version, and with its text if the reader has access."""
    version = history.get(number) if number else history.current
    decision = decide(history.strictest(version), request.access)
    add_tags(LOG_TAG)
    evidence = evidence_context(kind, history, version, readable=decision.allowed, now=timezone.now())
    return HttpResponse(canonical(evidence), content_type="application/json")


def _json(request: ReaderRequest, kind: ItemKind, history: History, number: int = 0) -> HttpResponse:
    """Answer with what the reader may read of a version, for programs."""
    text = _machine_text(request, history, number)
    return _for_programs(text, json.dumps(text.as_json(), ensure_ascii=False), "application/json")


def _markdown(request: ReaderRequest, kind: ItemKind, history: History, number: int = 0) -> HttpResponse:
    text = _machine_text(request, history, number)
    return _for_programs(text, text.as_markdown(), "text/markdown; charset=utf-8")


def _machine_text(request: ReaderRequest, history: History, number: int) -> MachineText:
    version = history.get(number) if number else history.current
    add_tags("pictures")
    return machine_text(history, version, request.access)


def _for_programs(text: MachineText, content: str, content_type: str) -> HttpResponse:
    """Return the response, which tells search engines that the page is the text to list."""
    return HttpResponse(content, content_type=content_type, headers={"Link": f'<{text.data["url"]}>; rel="canonical"'})


def _page(
    request: ReaderRequest,
    template: str,
    kind: ItemKind,
    history: History,
    *key: str | int,
    make: Callable[[], dict[str, object]],
    tags: tuple[str, ...] = (),
    **context: object,
) -> HttpResponse:
    return cached_page(
        request,
        template,
        kind.name,
        history.pk,
        *key,
        make=make,
        tags=[*kind.tags, kind.tag(history.pk), *tags],
        history=history,
        current_section=history.section,
        **context,
    )


article_json, article_markdown = (_view(respond, ArticleKind()) for respond in (_json, _markdown))
RESPONSES = (_history, _comparison, _version, _verification, _evidence)
article_history, article_comparison, article_version, article_verification, article_evidence = (
    _view(respond, ArticleKind()) for respond in RESPONSES
)
dossier_history, dossier_comparison, dossier_version, dossier_verification, dossier_evidence = (
    _view(respond, DossierKind()) for respond in RESPONSES
)
page_history, page_comparison, page_version, page_verification, page_evidence = (
    _view(respond, PageKind()) for respond in RESPONSES
)
