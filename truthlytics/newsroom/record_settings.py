"""The page Settings → Record: our log and key, witnesses and time stamp authorities, and the logs that ask us."""

from contextlib import suppress
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from truthlytics.audit.log import AuditEntry, log_action
from truthlytics.newsroom.settings_admin import PERMISSION, PartAdmin
from truthlytics.newsroom.settings_pages import settings_pages
from truthlytics.publication import get_publication
from truthlytics.transparency.evidence import log_url, witnesses_needed
from truthlytics.transparency.keys import KeyFileError, read_key
from truthlytics.transparency.models import Log, Quorum, Refusal, TimestampAuthority, Witness, WitnessedLog
from truthlytics.transparency.notes import LOG_KEY, WITNESS_KEY, NoteError, Signer, VerifierKey
from truthlytics.transparency.problems import why_unsigned
from truthlytics.transparency.timestamps.asking import is_available, stamp
from truthlytics.transparency.witnesses.asking import newest_checkpoint, offer, offer_soon
from truthlytics.transparency.witnesses.identity import witness_address, witness_key
from truthlytics.web.lazy_import import LazyModule
from truthlytics.web.public_http import RefusedError, local_target, target_of
from truthlytics.web.rate_limits import allow
from truthlytics.web.users import user_of

x509: Any = LazyModule("cryptography.x509")
PAGE = "admin:truthlytics_recordsettings_changelist"
KEY_INPUT = {"size": 60, "autocomplete": "off", "spellcheck": "false"}
MAX_REFUSALS = 20


class ListForm(forms.Form):
    """Base of the forms that add to a list. What was removed before comes back with what it has seen."""

    model: Any
    schemes: tuple[str, ...] = ("https",)
    # The end of an address that is the same for all.
    suffix = ""
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_address(self) -> str:
        """Return the address. Raises ValidationError unless it is public."""
        address: str = self.cleaned_data["address"].strip().removesuffix(self.suffix)
        if (settings.DEBUG or settings.TESTING) and local_target(address):
            return address
        try:
            if target_of(address).scheme in self.schemes:
                return address
        except RefusedError:
            pass
        if len(self.schemes) == 1:
            text = _("Enter a public address that begins with %(first)s://.")
        else:
            text = _("Enter a public address that begins with %(first)s:// or %(second)s://.")
        raise ValidationError(text % dict(zip(("first", "second"), self.schemes, strict=False)))

    def store(self, **row: object) -> Any:
        """Write what was entered, with the columns in `row` to find the same one again."""
        values = {name: value for name, value in self.cleaned_data.items() if name not in row}
        return self.model.objects.update_or_create(**row, defaults=values | {"removed_at": None})[0]


def parse_key(text: str, kind: int) -> VerifierKey:
    """Return a key that was entered. ValidationError says what is wrong with it."""
    try:
        key = VerifierKey.parse(text)
    except NoteError as error:
        message = _("“%(text)s” is not a verifier key. It has three parts, as in news.example/record/log+1a2b3c4d+AQ….")
        raise ValidationError(message % {"text": text[:100]}) from error
    if key.kind != kind:
        if kind == WITNESS_KEY:
            raise ValidationError(
                _("This is the key of a log. Ask for the key with which the site signs as a witness.")
            )
        raise ValidationError(_("This is the key of a witness. Ask for the key with which the site signs its log."))
    own = witness_key()
    if own is not None and key.public_key == own.public_key:
        raise ValidationError(_("This is your own key. A witness must be somebody else."))
    return key


class WitnessForm(ListForm):
    model = Witness
    suffix = "/add-checkpoint"
    address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        widget=forms.URLInput(attrs={"size": 60}),
        help_text=gettext_lazy("Such as https://news.example/record/witness."),
    )
    verifier_key = forms.CharField(
        label=gettext_lazy("Verifier key"), max_length=300, widget=forms.TextInput(attrs=KEY_INPUT)
    )

    def clean_verifier_key(self) -> str:
        return str(parse_key(self.cleaned_data["verifier_key"], WITNESS_KEY))

    def save(self) -> Witness:
        witness: Witness = self.store(verifier_key=self.cleaned_data["verifier_key"])
        witness.record_success(timezone.now())
        offer_soon()
        return witness


class LogForm(ListForm):
    model = WitnessedLog
    verifier_keys = forms.CharField(
        label=gettext_lazy("Verifier keys"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60, "spellcheck": "false"}),
        help_text=gettext_lazy("One per line. If the key changes, enter the log again with both."),
    )
    origin = forms.CharField(
        label=gettext_lazy("Origin"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs=KEY_INPUT),
        help_text=gettext_lazy("Leave blank if it is the name in the key, as with sites that use this software."),
    )

    def clean_verifier_keys(self) -> str:
        lines = self.cleaned_data["verifier_keys"].split()
        return "\n".join(dict.fromkeys(str(parse_key(line, LOG_KEY)) for line in lines))

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        if keys := data.get("verifier_keys"):
            data["origin"] = data.get("origin", "").strip() or VerifierKey.parse(keys.splitlines()[0]).name
        return data

    def save(self) -> WitnessedLog:
        log: WitnessedLog = self.store(origin=self.cleaned_data["origin"])
        return log


class AuthorityForm(ListForm):
    model = TimestampAuthority
    schemes = ("https", "http")
    address = forms.CharField(label=gettext_lazy("Address"), max_length=500, widget=forms.URLInput(attrs={"size": 60}))
    certificate = forms.CharField(
        label=gettext_lazy("Root certificate"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60, "spellcheck": "false"}),
        help_text=gettext_lazy("In PEM format, from the website of the authority."),
    )

    def clean_certificate(self) -> str:
        text: str = self.cleaned_data["certificate"].strip()
        with suppress(ValueError, x509.ExtensionNotFound):
            certificate = x509.load_pem_x509_certificate(text.encode())
            if certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
                return text
        message = _("This is not a root certificate in PEM format, which begins with -----BEGIN CERTIFICATE-----.")
        raise ValidationError(message)

    def save(self) -> TimestampAuthority:
        authority: TimestampAuthority = self.store(address=self.cleaned_data["address"])
        authority.record_success(timezone.now())
        return authority


class QuorumForm(forms.Form):
    """How many of the listed witnesses have to sign each state."""

    needed = forms.IntegerField(
        label=gettext_lazy("Witnesses that have to sign each state"),
        min_value=0,
        help_text=gettext_lazy(
            "The pages and the script with which readers verify the record say so if there are fewer. With 0, you "
            "promise none. Leave room for one that is away: two of three."
        ),
    )

    def clean_needed(self) -> int:
        needed: int = self.cleaned_data["needed"]
        count = Witness.objects.listed().count()
        if needed > count:
            message = ngettext(
                "You have %(count)d witness. Add more first.", "You have %(count)d witnesses. Add more first.", count
            )
            raise ValidationError(message % {"count": count})
        return needed


FORMS: dict[str, type[Any]] = {"witnesses": WitnessForm, "logs": LogForm, "authorities": AuthorityForm}
# What can be asked at once, the function that does it, and what to say if that succeeds.
TESTS: dict[str, tuple[Any, str | Promise]] = {
    "witnesses": (offer, gettext_lazy("“%(name)s” has confirmed the newest state of your record.")),
    "authorities": (stamp, gettext_lazy("“%(name)s” has stamped the newest state of your record.")),
}


class RecordAdmin(PartAdmin):
    """Settings → Record. It shows lists instead of a form of the row."""

    title = gettext_lazy("Record")
    page_name = gettext_lazy("Record")

    def get_urls(self) -> list[URLPattern]:
        paths = [self.view_path("", show, "changelist")]
        for kind in FORMS:
            paths += [
                self.view_path(f"{kind}/", partial(add, kind=kind), f"add_{kind}"),
                self.view_path(f"{kind}/<int:pk>/removal/", partial(remove, kind=kind), f"remove_{kind}"),
            ]
        paths.append(self.view_path("quorum/", decide, "decide"))
        for kind in TESTS:
            paths.append(self.view_path(f"{kind}/<int:pk>/test/", partial(test, kind=kind), f"test_{kind}"))
        return paths

    def page(self, request: HttpRequest, status: int = 200, **bound: forms.Form) -> HttpResponse:
        """Render the page. `bound` are forms that were refused, by their kind."""
        log = Log.objects.order_by("-number").first()
        context = self.view_context(
            request,
            title=self.title,
            pages=settings_pages(self),
            log=log,
            own_key=own_key(log),
            checkpoint=newest_checkpoint(),
            obstacle=why_unsigned(),
            witness_address=witness_address(),
            witness_key=witness_key(),
            witnesses=witnesses(),
            quorum_form=bound.get("quorum") or QuorumForm(initial={"needed": witnesses_needed()}),
            contact=get_publication().contact_email,
            checkpoint_url=f"{log_url(log)}/checkpoint" if log else "",
            authorities=authorities(),
            is_available=is_available(),
            logs=WitnessedLog.objects.listed().order_by("name", "pk"),
            refusals=Refusal.objects.unsettled().select_related("log")[:MAX_REFUSALS],
            **{f"{kind}_form": bound.get(kind) or form(prefix=kind) for kind, form in FORMS.items()},
        )
        return TemplateResponse(request, "admin/truthlytics/record_settings.html", context, status=status)


def own_key(log: Log | None) -> str:
    """Return the public key of our log, or why there is none."""
    if log is None:
        return ""
    try:
        return str(Signer(log.origin, read_key()).verifier_key())
    except KeyFileError as error:
        return str(error)


def witnesses() -> list[Any]:
    """Return the listed witnesses, each with the newest state that it has confirmed."""
    rows: list[Any] = list(Witness.objects.listed().order_by("name", "pk"))
    for row in rows:
        if newest := row.cosignatures.select_related("checkpoint").order_by("-signed_at").first():
            row.confirmed_at, row.confirmed_size = newest.signed_at, newest.checkpoint.size
    return rows


def authorities() -> list[Any]:
    """Return the listed authorities, each with the newest state that it has stamped."""
    rows: list[Any] = list(TimestampAuthority.objects.listed().order_by("name", "pk"))
    for row in rows:
        if newest := row.timestamps.select_related("checkpoint__log").defer("response").order_by("-pk").first():
            row.stamped_at, row.stamped_size = newest.stamped_at, newest.checkpoint.size
            row.stamp_url = newest.get_absolute_url()
    return rows


def check_permission(request: HttpRequest) -> None:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied


@require_safe
def show(request: HttpRequest, *, admin: RecordAdmin) -> HttpResponse:
    check_permission(request)
    return admin.page(request)


@require_POST
def add(request: HttpRequest, *, admin: RecordAdmin, kind: str) -> HttpResponse:
    check_permission(request)
    form = FORMS[kind](request.POST, prefix=kind)
    if not form.is_valid():
        return admin.page(request, status=422, **{kind: form})
    row = form.save()
    log_action(by=user_of(request), row=row, action=AuditEntry.Action.ADDED)
    admin.message_user(request, _("“%(name)s” is in the list.") % {"name": row.name})
    return redirect(PAGE)


@require_POST
def remove(request: HttpRequest, pk: int, *, admin: RecordAdmin, kind: str) -> HttpResponse:
    check_permission(request)
    row = get_object_or_404(FORMS[kind].model.objects.listed(), pk=pk)
    row.remove()
    log_action(by=user_of(request), row=row, action=AuditEntry.Action.REMOVED)
    admin.message_user(request, _("“%(name)s” was removed from the list.") % {"name": row.name})
    return redirect(PAGE)


@require_POST
def decide(request: HttpRequest, *, admin: RecordAdmin) -> HttpResponse:
    """Keep how many witnesses have to sign, from now on."""
    check_permission(request)
    form = QuorumForm(request.POST)
    if not form.is_valid():
        return admin.page(request, status=422, quorum=form)
    needed = form.cleaned_data["needed"]
    if needed != witnesses_needed():
        quorum = Quorum.objects.create(needed=needed)
        log_action(by=user_of(request), row=quorum, action=AuditEntry.Action.ADDED)
    admin.message_user(request, _("Readers see now how many witnesses have to sign your record."))
    return redirect(PAGE)


@require_POST
def test(request: HttpRequest, pk: int, *, admin: RecordAdmin, kind: str) -> HttpResponse:
    """Ask a witness or an authority at once, and say what it answers."""
    check_permission(request)
    row = get_object_or_404(FORMS[kind].model.objects.listed(), pk=pk)
    ask, success = TESTS[kind]
    if not allow(request, "test-witness", per_account=30, per_address=60, seconds=3600):
        return TemplateResponse(request, "429.html", status=429)
    checkpoint = newest_checkpoint()
    if checkpoint is None:
        admin.message_user(request, _("Nothing was signed yet, so there is nothing to confirm."), messages.WARNING)
    elif kind == "authorities" and not is_available():
        admin.message_user(request, _("The package rfc3161-client is not installed."), messages.ERROR)
    elif ask(checkpoint, row, timezone.now()):
        admin.message_user(request, str(success) % {"name": row.name}, messages.SUCCESS)
    else:
        facts = {"name": row.name, "why": row.get_problem_display(), "answer": row.answer}
        message = _("“%(name)s” has not signed your record. %(why)s Its answer: %(answer)s") % facts
        admin.message_user(request, message, messages.ERROR)
    return redirect(PAGE)
