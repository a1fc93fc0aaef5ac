"""The pages of an import of readers: choose lists, look at the plan, correct the columns."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from subscriptions.models.catalog import TierLevel
from truthlytics.contrib.importers import jobs
from truthlytics.contrib.importers.models import ImportRun
from truthlytics.contrib.importers.newsroom.access import importer_of
from truthlytics.contrib.importers.newsroom.forms import FilesForm
from truthlytics.contrib.importers.newsroom.results import examples_by_code, stored_findings
from truthlytics.contrib.importers.newsroom.runs import begin, choose_page, new_run, run_of, run_page
from truthlytics.contrib.importers.newsroom.words import options_said, word_groups
from truthlytics.contrib.importers.readers.columns import FIELDS
from truthlytics.contrib.importers.readers.mapping import UnreadableMapping
from truthlytics.contrib.importers.readers.work import DEFAULT_ACCESS, READERS
from truthlytics.contrib.importers.uploads import run_folder
from truthlytics.newsletters.models import Newsletter, SignUp
from truthlytics.web.ids import parse_id
from truthlytics.web.text import strip_control_characters
from truthlytics.web.types import JsonObject

Status = ImportRun.Status
MAX_ACCESS = timedelta(days=365 * 100)
KINDS: list[tuple[str, str | Promise]] = [
    ("newsletter", gettext_lazy("A list of newsletter readers, such as from Mailchimp or beehiiv")),
    ("ghost", "Ghost"),
    ("substack", "Substack"),
    ("woocommerce", "WooCommerce"),
    ("memberful", "Memberful"),
    ("csv", gettext_lazy("Another table (CSV)")),
]
# What happens to readers, by the counts of a plan or import.
COUNTS: dict[str, str | Promise] = {
    "created": gettext_lazy("New accounts"),
    "completed": gettext_lazy("Existing accounts, completed"),
    "unchanged": gettext_lazy("Existing accounts, nothing to do"),
    "sign_ups": gettext_lazy("Signed up for the newsletter"),
    "access": gettext_lazy("With access until a date"),
    "paying": gettext_lazy("Paid subscriptions in the list"),
    "notes": gettext_lazy("Notes"),
}


class ReaderOptionsForm(forms.Form):
    """How to import readers."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Where the list comes from"), choices=KINDS, initial="newsletter", widget=forms.RadioSelect
    )
    newsletter = forms.ModelChoiceField(
        Newsletter.objects.all(),
        label=gettext_lazy("Sign up for"),
        required=False,
        empty_label=gettext_lazy("Nothing"),
        help_text=gettext_lazy("Only those who want it in the list, and nobody who has left it here."),
    )
    origin = forms.CharField(
        label=gettext_lazy("Where their consent comes from"),
        required=False,
        max_length=SignUp._meta.get_field("origin").max_length,
        help_text=gettext_lazy(
            "Such as: form on old.example.org, confirmed by email. It is kept with each consent, as its proof."
        ),
    )
    level = forms.TypedChoiceField(
        label=gettext_lazy("Complimentary and paid access is that of a"), choices=TierLevel.choices, coerce=int
    )
    free_until = forms.DateField(
        label=gettext_lazy("End of complimentary access for which the list has none"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    gives_paid = forms.BooleanField(
        label=gettext_lazy("Give those who have paid access until the end of their period"),
        required=False,
        help_text=gettext_lazy(
            "For subscriptions that are not continued here, such as those by PayPal. Nobody is charged."
        ),
    )

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        newsletter = Newsletter.objects.offered().first()
        day = (timezone.localdate() + DEFAULT_ACCESS).isoformat()
        kwargs["initial"] = {"newsletter": newsletter, "free_until": day} | kwargs.get("initial", {})
        super().__init__(data, **{"label_suffix": ""} | kwargs)
        if newsletter is None and not Newsletter.objects.exists():
            del self.fields["newsletter"], self.fields["origin"]

    def clean_free_until(self) -> str:
        day = self.cleaned_data["free_until"]
        if not timezone.localdate() < day < timezone.localdate() + MAX_ACCESS:
            raise forms.ValidationError(_("Choose a day in the future."))
        return str(day.isoformat())

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        origin = " ".join(strip_control_characters(str(cleaned.get("origin", ""))).split())
        if cleaned.get("newsletter") and not origin and "origin" not in self.errors:
            self.add_error("origin", _("Say where their consent comes from, or sign up nobody."))
        return cleaned | {"origin": origin}

    def options(self) -> JsonObject:
        """Return the options as a run stores them."""
        newsletter = self.cleaned_data.get("newsletter")
        names = ("kind", "origin", "level", "free_until", "gives_paid")
        return {name: self.cleaned_data[name] for name in names} | {"newsletter": newsletter.pk if newsletter else None}


class ReaderFilesForm(ReaderOptionsForm, FilesForm):
    """Which lists to import, and how."""


# --- Pages ----------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Choose lists and start a dry run. Below, the imports of readers so far."""
    user = importer_of(request)
    files = request.FILES.getlist("files")
    data = request.POST if request.method == "POST" else None
    form = ReaderFilesForm(data, user=user, has_files=bool(files), initial=_initial(request))
    if data is not None and form.is_valid():
        run = new_run(form, user, files, format=READERS, options=form.options())
        if run is not None:
            return begin(request, run, Status.CHECKING)
    runs = ImportRun.objects.filter(format=READERS)
    return choose_page(request, site, form, "readers_choose", runs, title=_("Import readers"))


def _initial(request: HttpRequest) -> dict[str, object]:
    """Return what is chosen from the beginning: the files of the `export` of Ghost that the user comes from."""
    run = ImportRun.objects.filter(pk=parse_id(request.GET.get("export", "")) or 0, format="ghost").first()
    if run is None:
        return {}
    return {
        "kind": "ghost",
        "uploads": [file["upload"] for file in run.files if "upload" in file],
        "server": [file["server"] for file in run.files if "server" in file],
    }


def show(request: HttpRequest, run: ImportRun, site: AdminSite, form: ReaderOptionsForm | None = None) -> HttpResponse:
    """Show an import of readers: what a dry run found out or what was done, and what can be done next."""
    found = stored_findings(run)
    planned = found if run.status in {Status.CHECKED, Status.NEW} else None
    counts: Mapping[str, int] = planned["counts"] if planned else run.counts
    return run_page(
        request,
        site,
        run,
        "readers_run",
        status=422 if form is not None and form.errors else 200,
        found=planned,
        counts=[(label, counts[name]) for name, label in COUNTS.items() if counts.get(name)],
        losses=examples_by_code(run, planned),
        columns=found["columns"] if found else [],
        fields=FIELDS.items(),
        words=word_groups(found),
        form=form or ReaderOptionsForm(initial=run.options),
    )


def check(request: HttpRequest, run: ImportRun, site: AdminSite) -> HttpResponse:
    """Save what the columns have and how to import, and start another dry run."""
    if "kind" in request.POST:
        form = ReaderOptionsForm(request.POST)
        if not form.is_valid():
            return show(request, run, site, form)
        run.options = run.options | form.options()
    try:
        run.options = options_said(request, run)
    except UnreadableMapping as error:
        messages.error(request, str(error))
        return redirect("admin:import", run.pk)
    ImportRun.objects.filter(pk=run.pk).update(options=run.options)
    return begin(request, run, Status.CHECKING)


@require_safe
def plan_csv(request: HttpRequest, pk: int) -> FileResponse:
    """Return what the last dry run found out about each reader."""
    run, _user = run_of(request, pk)
    try:
        file = (run_folder(run) / jobs.PLAN).open("rb")
    except FileNotFoundError:
        raise Http404("There is no plan.") from None
    return FileResponse(file, as_attachment=True, filename=f"import-{run.pk}-readers.csv", content_type="text/csv")
