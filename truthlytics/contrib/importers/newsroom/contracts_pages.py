"""The pages of an import of contracts: choose lists, look at the plan, map prices, apply, compare with Stripe."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from subscriptions.models import Plan, Price
from truthlytics.audit.log import log_action
from truthlytics.contrib.importers import jobs
from truthlytics.contrib.importers.contracts.library import CONTRACTS, missing_library
from truthlytics.contrib.importers.contracts.models import ContractRun, MovedContract, SignedYear
from truthlytics.contrib.importers.contracts.prices import NOT_OURS
from truthlytics.contrib.importers.models import ImportRun
from truthlytics.contrib.importers.newsroom.access import importer_of
from truthlytics.contrib.importers.newsroom.forms import FilesForm
from truthlytics.contrib.importers.newsroom.readers_pages import KINDS
from truthlytics.contrib.importers.newsroom.results import examples_by_code, stored_findings
from truthlytics.contrib.importers.newsroom.runs import begin, choose_page, new_run, run_of, run_page
from truthlytics.contrib.importers.newsroom.words import missing_columns, options_said, word_groups
from truthlytics.contrib.importers.readers.columns import FIELDS
from truthlytics.contrib.importers.readers.mapping import UnreadableMapping
from truthlytics.contrib.importers.uploads import run_folder
from truthlytics.web.lazy_import import LazyModule
from truthlytics.web.text import strip_control_characters
from truthlytics.web.types import JsonObject

if TYPE_CHECKING:
    from truthlytics.contrib.importers.contracts import signed as signing
else:
    # It needs Stripe's library, which may be missing.
    signing = LazyModule("truthlytics.contrib.importers.contracts.signed")

Status = ImportRun.Status
# What becomes of contracts, by the codes of plans and reports, in the order of the page.
BUCKETS: dict[str, str | Promise] = {
    "adopt": gettext_lazy("Attach: continues in Stripe as it is"),
    "create": gettext_lazy("Create: a new contract charges the saved card"),
    "access": gettext_lazy("Access until the paid date"),
    "free": gettext_lazy("Free: no contract"),
    "refuse": gettext_lazy("Refused: is left alone"),
    "here": gettext_lazy("Here already"),
    "failed": gettext_lazy("Failed, can be tried again"),
}
Choices = list[tuple[str, str]]
CHARGES_PER_PAGE = 100


class ContractFilesForm(FilesForm):
    """Which lists have the contracts, and where they come from."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Where the list comes from"),
        choices=[(name, label) for name, label in KINDS if name != "newsletter"],
        initial="ghost",
        widget=forms.RadioSelect,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Choose lists and make a plan. Below, the imports of contracts so far."""
    user = importer_of(request, CONTRACTS)
    files = request.FILES.getlist("files")
    missing = missing_library()
    data = request.POST if request.method == "POST" and not missing else None
    form = ContractFilesForm(data, user=user, has_files=bool(files))
    if data is not None and form.is_valid():
        options = {"kind": form.cleaned_data["kind"]} | _last_said(form.cleaned_data["kind"])
        run = new_run(form, user, files, format=CONTRACTS, options=options)
        if run is not None:
            return begin(request, run, Status.CHECKING)
    runs = ImportRun.objects.filter(format=CONTRACTS)
    context = {"title": _("Import contracts"), "missing": missing}
    return choose_page(request, site, form, "contracts_choose", runs, **context)


def _last_said(kind: str) -> JsonObject:
    """Return what was said for the last plan, because a second list has the same prices, columns and words.

    What empty cells and forms of dates mean is said for each list.
    """
    last = ImportRun.objects.filter(format=CONTRACTS).order_by("-pk").first()
    options: JsonObject = last.options if last is not None else {}
    said: JsonObject = {"prices": options.get("prices", {})}
    if options.get("kind") != kind:
        return said
    words = {
        topic: {word: meaning for word, meaning in own.items() if word}
        for topic, own in options.get("words", {}).items()
        if topic != "dates"
    }
    return said | {"columns": options.get("columns", {}), "words": words}


def show(request: HttpRequest, run: ImportRun, site: AdminSite) -> HttpResponse:
    """Show an import of contracts: the plan, what was done, what differs, and what can be done next."""
    found = stored_findings(run)
    is_planned = found is not None and "counts" in found and run.status in {Status.CHECKED, Status.NEW}
    counts: Mapping[str, int] = found["counts"] if found and is_planned else _done(run)
    compared = stored_findings(run, jobs.VERIFIED)
    return run_page(
        request,
        site,
        run,
        "contracts_run",
        found=found if is_planned else None,
        counts=[(label, counts[name]) for name, label in BUCKETS.items() if counts.get(name)],
        twice=[(email, BUCKETS[action], text) for email, action, text in found["twice"]]
        if found and is_planned
        else [],
        days=[(parse_date(day), number, sums) for day, number, sums in found["days"]] if found and is_planned else [],
        months=[(parse_date(month), *sums) for month, *sums in found["year"]["months"]]
        if found and is_planned and "year" in found
        else [],
        signed_year=SignedYear.objects.select_related("signed_by").first(),
        losses=examples_by_code(run, found if is_planned else None),
        columns=found["columns"] if found else [],
        fields=FIELDS.items(),
        missing=missing_columns(found, run.options.get("kind", "")),
        words=word_groups(found),
        prices=_price_rows(run, found) if found else [],
        choices=_choices(),
        asks_shop_is_off=_asks_shop_is_off(run, found),
        compared=compared | {"at": parse_datetime(compared["at"])} if compared else None,
        last_renewal=parse_datetime(compared["last_renewal"]) if compared else None,
        may_start=_may_start(run, found),
        may_verify=not run.is_active and MovedContract.objects.done().exists(),
        has_links=MovedContract.objects.done().filter(action=MovedContract.Action.ACCESS).exists(),
    )


def _may_start(run: ImportRun, found: JsonObject | None) -> bool:
    """Whether there is a plan to apply. After it was applied or undone, another one is made first."""
    has_plan = found is not None and "counts" in found and not found["problems"]
    return has_plan and bool(run.files) and run.status in {Status.CHECKED, Status.STOPPED}


def _done(run: ImportRun) -> dict[str, int]:
    """Return how many contracts of the run are moved, by what was done, and how many were not."""
    rows = MovedContract.objects.done().filter(run=run.contract_run_id) if run.contract_run_id else None
    done = dict(rows.order_by().values_list("action").annotate(number=Count("pk"))) if rows is not None else {}
    return done | {"refuse": run.counts.get("refused", 0), "failed": run.counts.get("failed", 0)}


# --- The rehearsal ----------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def year(request: HttpRequest, pk: int, site: AdminSite) -> HttpResponse:
    """Show the next twelve months, charge by charge; on POST, sign them off as they were shown."""
    run, user = run_of(request, pk)
    text = _year_of(run)
    digest = sha256(text.encode()).hexdigest()
    if request.method == "POST":
        if request.POST.get("digest") == digest:
            signing.sign(text, by=user, now=timezone.now())
            log_action(by=user, row=run, message=f"Signed off the rehearsal of twelve months, SHA-256 {digest}.")
            messages.success(request, _("Signed off. Every comparison shows what comes otherwise."))
        else:
            messages.error(request, _("There is another plan by now. Look at this one, then sign it off."))
        return redirect("admin:import_year", run.pk)
    _headings, *rows = csv.reader(io.StringIO(text, newline=""))
    only, query = "only" in request.GET, request.GET.get("q", "").strip()[:200]
    shown = [row for row in rows if (row[-1] or not only) and query.casefold() in row[0].casefold()]
    page = Paginator(shown, CHARGES_PER_PAGE).get_page(request.GET.get("page"))
    context = site.each_context(request) | {
        "title": _("The next twelve months of %(file)s") % {"file": run.file},
        "run": run,
        "rows": [(row[0], BUCKETS.get(row[2], row[2]), _side(row, 3), _side(row, 5), row[-1]) for row in page],
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
        "digest": digest,
        "signed": SignedYear.objects.select_related("signed_by").filter(digest=digest).first(),
        "only": only,
        "q": query,
        "query": urlencode({"q": query} | ({"only": "1"} if only else {})),
    }
    return TemplateResponse(request, "admin/import/contracts_year.html", context)


def _side(row: list[str], place: int) -> tuple[date | None, str]:
    """Return day and amount of one side of a line."""
    if not row[place]:
        return None, ""
    amount = signing.money_of(row[place + 1], row[7])
    return parse_date(row[place]), str(amount or _("an amount that Stripe computes"))


def _year_of(run: ImportRun) -> str:
    """Return the rehearsal of the last plan as CSV. Raises Http404."""
    try:
        with (run_folder(run) / jobs.REHEARSAL).open(encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        raise Http404("There is no rehearsal yet.") from None


@require_safe
def year_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the rehearsal as it is signed off."""
    run, _user = run_of(request, pk)
    headers = {"Content-Disposition": f'attachment; filename="year-{run.pk}.csv"'}
    return HttpResponse(_year_of(run), content_type="text/csv; charset=utf-8", headers=headers)


# --- The map of prices ----------------------------------------------------------------------------------------------
def _choices() -> Choices:
    """Return what an old price can be here: a plan, one of its prices, or not ours."""
    plans = Plan.objects.filter(archived_at=None).order_by("tier__level", "position", "pk")
    of_plans = [(plan.slug, _("%(plan)s, at the same amount") % {"plan": plan.name}) for plan in plans]
    of_prices = [(str(price.pk), str(price)) for price in Price.objects.current().select_related("plan")]
    return [("", _("– left alone –")), *of_plans, *of_prices, (NOT_OURS, _("Not ours, and ignored"))]


def _price_rows(run: ImportRun, found: JsonObject) -> list[tuple[str, str, int, str, str]]:
    """Return each old price with its terms, how many contracts have it, some of their readers, and what it is here."""
    chosen = run.options.get("prices", {})
    return [
        (name, terms, number, ", ".join(examples[0] if examples else []), chosen.get(name, ""))
        for name, terms, number, *examples in found["prices"]
    ]


def check(request: HttpRequest, run: ImportRun, site: AdminSite) -> HttpResponse:
    """Save what the columns have and what old prices are here, and make another plan."""
    try:
        options = options_said(request, run)
    except UnreadableMapping as error:
        messages.error(request, str(error))
        return redirect("admin:import", run.pk)
    known = {value for value, _label in _choices()}
    pairs = zip(request.POST.getlist("old"), request.POST.getlist("here"), strict=False)
    chosen = {strip_control_characters(old)[:200]: here for old, here in pairs if here in known}
    prices = options.get("prices", {}) | chosen
    run.options = options | {"prices": {old: here for old, here in prices.items() if here}}
    ImportRun.objects.filter(pk=run.pk).update(options=run.options)
    return begin(request, run, Status.CHECKING)


# --- The old shop ---------------------------------------------------------------------------------------------------
def _asks_shop_is_off(run: ImportRun, found: JsonObject | None) -> bool:
    """Whether the plan creates contracts, and it is not stated yet that the shop is off."""
    stated = ContractRun.objects.filter(finished_at=None, shop_off_at__isnull=False)
    return bool(found and found.get("creates")) and not stated.exists()


def state_that_shop_is_off(request: HttpRequest, run: ImportRun) -> bool:
    """Record when the user stated it. Returns False if the plan needs the statement and the user did not make it."""
    is_stated = "shop_is_off" in request.POST
    if _asks_shop_is_off(run, stored_findings(run)) and not is_stated:
        return False
    options: dict[str, Any] = {name: value for name, value in run.options.items() if name != "shop_off_at"}
    run.options = options | ({"shop_off_at": timezone.now().isoformat()} if is_stated else {})
    ImportRun.objects.filter(pk=run.pk).update(options=run.options)
    return True


@require_POST
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """Compare what was moved with Stripe and with the list of this run."""
    run, _user = run_of(request, pk)
    if run.format != CONTRACTS:
        raise Http404("It has no contracts.")
    if run.is_active or not MovedContract.objects.done().exists():
        messages.error(request, _("There is nothing to compare now."))
        return redirect("admin:import", run.pk)
    return begin(request, run, Status.VERIFYING)
