"""The import page: choose files, dry run, map names, start, watch, read the report, undo."""

from typing import Protocol
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from articles.models import Author, Kind, Section
from truthlytics.contrib.importers import jobs, progress, reports
from truthlytics.contrib.importers.contracts.library import CONTRACTS
from truthlytics.contrib.importers.models import ImportRun
from truthlytics.contrib.importers.newsroom import contracts_pages, readers_pages
from truthlytics.contrib.importers.newsroom import undo as undoing
from truthlytics.contrib.importers.newsroom.access import importer_of
from truthlytics.contrib.importers.newsroom.forms import ImportForm, length_of, mapped_names
from truthlytics.contrib.importers.newsroom.results import counted, examples_by_code, findings_of, kinds
from truthlytics.contrib.importers.newsroom.runs import (
    STARTABLE,
    begin,
    choose_page,
    may_undo,
    new_run,
    progress_of,
    report_path,
    run_of,
    run_page,
)
from truthlytics.contrib.importers.readers.work import READERS
from truthlytics.contrib.importers.records import LOSS_MESSAGES
from truthlytics.contrib.importers.uploads import run_folder
from truthlytics.web.csv_files import csv_response

Status = ImportRun.Status


class RunPages(Protocol):
    """What a module has for imports of something else than articles."""

    def show(self, request: HttpRequest, run: ImportRun, site: AdminSite) -> HttpResponse: ...

    def check(self, request: HttpRequest, run: ImportRun, site: AdminSite) -> HttpResponse: ...


PAGES: dict[str, RunPages] = {READERS: readers_pages, CONTRACTS: contracts_pages}
OUTLOOKS = {READERS: undoing.of_readers, CONTRACTS: undoing.of_contracts}
LOSSES_PER_PAGE = 100
MAX_SUGGESTIONS = 2000


# --- Choosing -------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Choose files and options and start a dry run. Below, the imports so far."""
    user = importer_of(request)
    files = request.FILES.getlist("files")
    form = ImportForm(request.POST if request.method == "POST" else None, user=user, has_files=bool(files))
    if request.method == "POST" and form.is_valid():
        run = new_run(form, user, files, format=form.cleaned_data["format"], options=form.options())
        if run is not None:
            return begin(request, run, Status.CHECKING)
    runs = ImportRun.objects.exclude(format__in=PAGES)
    more = {"sections": Section.objects.order_by("name"), "author_names": _author_names()}
    return choose_page(request, site, form, "choose", runs, title=_("Import"), **more)


def _author_names() -> list[str]:
    """Return names to suggest."""
    return list(Author.objects.order_by("name").values_list("name", flat=True)[:MAX_SUGGESTIONS])


# --- A run ----------------------------------------------------------------------------------------------------------
@require_safe
def show(request: HttpRequest, pk: int, site: AdminSite) -> HttpResponse:
    run, _user = run_of(request, pk)
    if run.format in PAGES:
        return PAGES[run.format].show(request, run, site)
    checked = findings_of(run)
    found = checked if run.status in {Status.CHECKED, Status.NEW} else None
    reported = examples_by_code(run, found)
    return run_page(
        request,
        site,
        run,
        "run",
        found=found,
        kinds=kinds(found),
        counts=counted(found["counts"] if found else run.counts),
        losses=reported,
        signs=checked["signs"] if checked else [],
        shortcodes=reports.count_shortcodes(report_path(run)).most_common(100) if found else [],
        author_names=_author_names() if found else [],
        labels=Kind.choices,
        section_names=Section.objects.order_by("name").values_list("name", flat=True) if found else [],
        members=reports.count_members(report_path(run)) if run.format == "ghost" else 0,
    )


@require_safe
def show_progress(request: HttpRequest, pk: int) -> JsonResponse:
    """Return what the page shows about an active run, for its script."""
    run, _user = run_of(request, pk)
    response = JsonResponse(progress_of(run))
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def check(request: HttpRequest, pk: int, site: AdminSite) -> HttpResponse:
    """Save the names that were mapped, and start another dry run."""
    run, _user = run_of(request, pk)
    if run.is_active or not run.files:
        raise Http404("It cannot be checked now.")
    if run.format in PAGES:
        return PAGES[run.format].check(request, run, site)
    try:
        for kind, model in (("authors", Author), ("sections", Section)):
            sources = request.POST.getlist(f"{kind}_source")
            if sources:
                mapped = mapped_names(sources, request.POST.getlist(f"{kind}_name"), length_of(model))
                kept = {source: name for source, name in run.options.get(kind, {}).items() if source not in sources}
                run.options = run.options | {kind: kept | mapped}
        sections = [name.casefold() for name in request.POST.getlist("sections_source")]
        if labels := request.POST.getlist("sections_label"):
            chosen = {name: label for name, label in zip(sections, labels, strict=False) if label in Kind.values}
            kept = {name: label for name, label in run.options.get("kinds", {}).items() if name not in sections}
            run.options = run.options | {"kinds": kept | chosen}
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("admin:import", run.pk)
    ImportRun.objects.filter(pk=run.pk).update(options=run.options)
    return begin(request, run, Status.CHECKING)


@require_POST
def harmless_signs(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a sign of an access rule harmless, or take that back. It applies to the next dry run and import."""
    run, _user = run_of(request, pk)
    found = findings_of(run)
    sign = request.POST.get("sign", "")
    if run.is_active or found is None or sign not in {one["sign"] for one in found["signs"]}:
        raise Http404("There is no such sign, or the import is in progress.")
    harmless = set(run.options.get("harmless", ()))
    harmless = harmless - {sign} if "undo" in request.POST else harmless | {sign}
    ImportRun.objects.filter(pk=run.pk).update(options=run.options | {"harmless": sorted(harmless)})
    if "undo" in request.POST:
        messages.success(request, _("Texts with this sign are imported as drafts."))
    else:
        messages.success(request, _("Texts with this sign are imported as the old site had them."))
    return redirect(f"{reverse('admin:import', args=[run.pk])}#signs")


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    run, _user = run_of(request, pk)
    if run.status not in STARTABLE or not run.files:
        messages.error(request, _("It cannot be started now."))
        return redirect("admin:import", run.pk)
    if run.status == Status.UNDONE:
        (run_folder(run) / jobs.REPORT).unlink(missing_ok=True)
    if run.format == CONTRACTS and not contracts_pages.state_that_shop_is_off(request, run):
        messages.error(request, _("State that the old shop charges nothing any more. Otherwise both charge the cards."))
        return redirect("admin:import", run.pk)
    return begin(request, run, Status.IMPORTING)


@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    run, _user = run_of(request, pk)
    if run.is_active:
        progress.stop(run)
        messages.success(request, _("It stops after what it has in hand. What was written stays."))
    return redirect("admin:import", run.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, pk: int, site: AdminSite) -> HttpResponse:
    """Say what undoing removes and what it keeps; on POST, do it."""
    run, _user = run_of(request, pk)
    if not may_undo(run):
        messages.error(request, _("It cannot be undone now."))
        return redirect("admin:import", run.pk)
    if request.method == "POST":
        return begin(request, run, Status.UNDOING)
    context = site.each_context(request) | {
        "title": _("Undo the import of %(file)s") % {"file": run.file},
        "run": run,
        "outlook": OUTLOOKS.get(run.format, undoing.of_articles)(run),
    }
    return TemplateResponse(request, "admin/import/undo.html", context)


# --- The report -----------------------------------------------------------------------------------------------------
@require_safe
def report(request: HttpRequest, pk: int, site: AdminSite) -> HttpResponse:
    """List the losses, filtered by code and text, a hundred on a page."""
    run, _user = run_of(request, pk)
    code, text = request.GET.get("code", ""), request.GET.get("q", "").strip()[:200]
    names = {name: _(message) for name, message in LOSS_MESSAGES.items()}
    if run.format == CONTRACTS:
        names = {name: str(label) for name, label in contracts_pages.BUCKETS.items()} | names
    code = code if code in names else ""
    asked = request.GET.get("page", "1")
    number = max(1, int(asked)) if asked.isdecimal() and len(asked) < 8 else 1
    found = reports.read_page(report_path(run), code=code, text=text, number=number, size=LOSSES_PER_PAGE)
    pages = Paginator(range(found.total), LOSSES_PER_PAGE)
    if not found.losses and number > 1:
        raise Http404("There is no such page.")
    context = site.each_context(request) | {
        "title": _("Report of %(file)s") % {"file": run.file},
        "run": run,
        "losses": [loss | {"message": names[loss["code"]]} for loss in found.losses],
        "total": found.total,
        "page": pages.get_page(number),
        "pages": pages.get_elided_page_range(number, on_each_side=2, on_ends=1),
        "codes": names.items(),
        "code": code,
        "q": text,
        "query": urlencode({"code": code, "q": text}),
    }
    return TemplateResponse(request, "admin/import/report.html", context)


@require_safe
def report_lines(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Return the whole report as JSON Lines."""
    run, _user = run_of(request, pk)
    try:
        file = report_path(run).open("rb")
    except FileNotFoundError:
        raise Http404("There is no report yet.") from None
    return FileResponse(file, as_attachment=True, filename=f"import-{run.pk}.jsonl", content_type="application/jsonl")


@require_safe
def report_csv(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Return the whole report for spreadsheets."""
    run, _user = run_of(request, pk)
    return csv_response(f"import-{run.pk}.csv", reports.rows(report_path(run)))
