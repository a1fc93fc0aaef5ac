"""What support can do on a reader's page: extend access, write a note, send an email again, log out a device."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from subscriptions import emails
from subscriptions.admin.support import ReasonField, action_page, own_account_page, row_for_action
from subscriptions.devices import device_name
from subscriptions.models import AccountNote, Grant, SentEmail, TierLevel, User
from subscriptions.services.sentences import day
from subscriptions.services.sessions import running_sessions
from truthlytics.audit.admin import AuditedAdmin
from truthlytics.audit.log import AuditEntry, log_action, snapshot
from truthlytics.web.dates import local_date
from truthlytics.web.users import user_of

PAGE = "admin:subscriptions_user_change"
MAX_DAYS, MAX_DAYS_OF_SUPPORT = 3660, 366
_INSTANT = timedelta(seconds=1)


class ExtensionForm(forms.Form):
    until = forms.DateField(
        label=gettext_lazy("Until the end of"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    level = forms.TypedChoiceField(label=gettext_lazy("Access"), choices=TierLevel.choices, coerce=int)
    reason = ReasonField()

    def __init__(self, *args: Any, may_decide: bool, reader: User, **kwargs: Any) -> None:
        """`may_decide` is whether the user may give long access, and access to colleagues, without a second person."""
        self.may_decide, self.reader = may_decide, reader
        super().__init__(*args, **kwargs)

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        today = timezone.localdate()
        if not today <= until <= today + timedelta(days=MAX_DAYS):
            raise forms.ValidationError(_("Choose today or a later date, within ten years."))
        if until > today + timedelta(days=MAX_DAYS_OF_SUPPORT) and not self.may_decide:
            raise forms.ValidationError(_("Choose a date within a year, or ask a publisher."))
        return until

    def clean(self) -> dict[str, object]:
        if self.reader.is_staff and not self.may_decide:
            raise forms.ValidationError(_("Only publishers can give access to colleagues. Ask one of them."))
        return super().clean() or self.cleaned_data


class NoteForm(forms.ModelForm[AccountNote]):
    class Meta:
        model = AccountNote
        fields = ("text",)


@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: HttpRequest, pk: int, admin: AuditedAdmin) -> HttpResponse:
    """Give complimentary access until a date. Subscription and charges are unchanged."""
    user: User = row_for_action(admin, request, pk, "subscriptions.add_grant")
    if (refusal := own_account_page(admin, request, user, _("Extend access"))) is not None:
        return refusal
    now = timezone.now()
    latest = user.grants.filter(ends_at__gt=now, revoked_at=None).order_by("-ends_at").first()
    form = ExtensionForm(
        request.POST if request.method == "POST" else None,
        may_decide=request.user.has_perm("truthlytics.change_publication"),
        reader=user,
        initial={
            "until": timezone.localdate(latest.ends_at if latest else now) + timedelta(days=30),
            "level": latest.level if latest else TierLevel.SUBSCRIBER,
        },
    )
    if request.method == "POST" and form.is_valid():
        until = form.cleaned_data["until"]
        grant = Grant.objects.create(
            user=user,
            level=form.cleaned_data["level"],
            starts_at=now,
            ends_at=_end_of(until),
            source=Grant.Source.COMP,
            note=form.cleaned_data["reason"],
        )
        log_action(by=user_of(request), row=grant, action=AuditEntry.Action.ADDED, after=snapshot(grant))
        message = _("Access extended until %(day)s.") % {"day": local_date(until, "j M Y")}
        admin.log_change(request, user, message)
        text = _("%(user)s has access until the end of %(day)s. They get no email about it.")
        values = {"user": user, "day": day(grant.ends_at - _INSTANT)}
        admin.message_user(request, text % values, messages.SUCCESS)
        return redirect(PAGE, user.pk)
    access = _("Access until %(day)s.") % {"day": day(latest.ends_at)} if latest else _("No paid or given access now.")
    return action_page(
        admin, request, title=_("Extend access"), reader=user, form=form, button=_("Extend access"),
        facts=[
            access, _("This is free and doesn’t affect an existing subscription or its charges."),
            _("The reader gets no email about it."),
        ],
    )  # fmt: skip


@require_POST
def add_note(request: HttpRequest, pk: int, admin: AuditedAdmin) -> HttpResponse:
    user: User = row_for_action(admin, request, pk, "subscriptions.add_accountnote")
    form = NoteForm(request.POST)
    if form.is_valid():
        form.instance.user, form.instance.by = user, str(request.user)[:60]
        form.save()
        # The audit log outlives the account, so it doesn't repeat the note.
        log_action(by=user_of(request), row=user, message=_("Note added."))
        admin.message_user(request, _("The note is saved."), messages.SUCCESS)
    else:
        error = next(iter(form.errors.get("text", [])), "")
        admin.message_user(request, _("The note wasn’t saved: %(error)s") % {"error": error}, messages.ERROR)
    return redirect(f"{redirect(PAGE, user.pk).url}#account-notes")


@require_POST
def resend(request: HttpRequest, pk: int, email: int, admin: AuditedAdmin) -> HttpResponse:
    """Send an email to the reader again, with what is true now."""
    user: User = row_for_action(admin, request, pk, "subscriptions.add_sentemail")
    sent = SentEmail.objects.filter(user=user, pk=email).first()
    if sent is None:
        raise Http404("There is no such email.")
    try:
        copy = emails.resend(sent)
    except emails.CannotResend as error:
        admin.message_user(request, str(error), messages.ERROR)
    else:
        log_action(by=user_of(request), row=user, message=_("Sent again: %(subject)s.") % {"subject": copy})
        admin.message_user(request, _("“%(subject)s” is sent again.") % {"subject": copy}, messages.SUCCESS)
    return redirect(f"{redirect(PAGE, user.pk).url}#account-emails")


@require_POST
def end_session(request: HttpRequest, pk: int, session: int, admin: AuditedAdmin) -> HttpResponse:
    """Log the user out on one device. Accounts of staff are for superusers, as on their page."""
    user: User = row_for_action(admin, request, pk, "subscriptions.change_user")
    if not admin.has_change_permission(request, user):
        raise PermissionDenied
    found = running_sessions(user).filter(pk=session).first()
    if found is None:
        raise Http404("There is no such session.")
    found.end()
    device = device_name(found.user_agent)
    message = _("Logged out on a device: %(device)s.") % {"device": device}
    log_action(by=user_of(request), row=user, message=message)
    admin.message_user(request, _("%(user)s is logged out on %(device)s.") % {"user": user, "device": device})
    return redirect(f"{redirect(PAGE, user.pk).url}#account-sessions")


def _end_of(until: date) -> datetime:
    """Return the first moment after the day, in the publication's time zone."""
    return datetime.combine(until + timedelta(days=1), datetime.min.time(), timezone.get_current_timezone())
