"""The page Settings → Email: the sender, and a test email at any time."""

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from truthlytics.audit.log import log_action
from truthlytics.newsroom.settings_admin import PERMISSION, PartAdmin
from truthlytics.publication import get_publication, sender
from truthlytics.publication.mail import send_test_email
from truthlytics.publication.models import Publication
from truthlytics.publication.proxies import EmailSettings
from truthlytics.web.mail_errors import EmailError
from truthlytics.web.rate_limits import allow
from truthlytics.web.users import user_of

LONGEST_ANSWER = 300


class EmailForm(forms.ModelForm[EmailSettings]):
    class Meta:
        model = EmailSettings
        fields = ("sender_name", "sender_address")
        widgets = {"sender_address": forms.EmailInput(attrs={"autocomplete": "off"})}
        help_texts = {
            "sender_name": gettext_lazy("Leave blank to use the name in MAIL_FROM, or the publication’s."),
            "sender_address": gettext_lazy(
                "Leave blank to use the address in MAIL_FROM. Your mail server must be allowed to send for its domain "
                "(SPF and DKIM): send a test email after you have changed it."
            ),
        }

    def clean_sender_name(self) -> str:
        return " ".join(self.cleaned_data["sender_name"].split())


class RecipientForm(forms.Form):
    email = forms.EmailField()


class EmailAdmin(PartAdmin):
    title = gettext_lazy("Email")
    page_name = gettext_lazy("Email")
    form = EmailForm
    change_form_template = "admin/truthlytics/email_settings.html"
    readonly_fields = ["sender_in_use", "mail_server"]
    fieldsets = [
        (gettext_lazy("Sender"), {"fields": ["sender_in_use", "mail_server", "sender_name", "sender_address"]})
    ]

    def get_urls(self) -> list[URLPattern]:
        return [
            self.view_path("test-email/", test_email, "test_email"),
            self.view_path("arrival/", arrival, "arrival"),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("in use"))
    def sender_in_use(self, changed: EmailSettings) -> str:
        # The stored row: `changed` has what was typed into a refused form.
        if get_publication().sender_address:
            return _("%(sender)s, from this page") % {"sender": sender()}
        return _("%(sender)s, from the environment (MAIL_FROM)") % {"sender": sender()}

    @admin.display(description=gettext_lazy("mail server"))
    def mail_server(self, changed: EmailSettings) -> str:
        """Name the server without its user and password."""
        host = settings.MAILERS["default"].get("OPTIONS", {}).get("host", "")
        return _("%(host)s, from the environment (SMTP_URL)") % {"host": host} if host else _("None. Set SMTP_URL.")


@require_POST
def test_email(request: HttpRequest, *, admin: EmailAdmin) -> HttpResponse:
    """Send a test email at once and show what the mail server answers."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    page = "admin:truthlytics_emailsettings_changelist"
    form = RecipientForm(request.POST)
    if not allow(request, "test-email", per_account=20, per_address=60, seconds=3600):
        return render(request, "429.html", status=429)
    if not form.is_valid():
        messages.error(request, _("Enter the email address to which the test is sent."))
        return redirect(page)
    email = form.cleaned_data["email"]
    try:
        values = {"email": email, "answer": send_test_email(email)[:LONGEST_ANSWER]}
    except EmailError as error:
        problem = str(error)[:LONGEST_ANSWER]
        messages.error(request, _("The test email was not sent: %(problem)s") % {"problem": problem})
    else:
        accepted = _("The mail server accepted the test email to %(email)s.") % values
        answered = _("It answered: %(answer)s") % values if values["answer"] else ""
        messages.success(request, f"{accepted} {answered}".strip())
    return redirect(page)


@require_POST
def arrival(request: HttpRequest, *, admin: EmailAdmin) -> HttpResponse:
    """Note that the test email has arrived, which only its recipient can tell. Another sender is asked for again."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    publication = Publication.objects.get_or_create(pk=1)[0]
    publication.email_arrived_from = sender()
    publication.save(update_fields=["email_arrived_from", "updated_at"])
    message = _("The test email from %(sender)s has arrived.") % {"sender": sender()}
    log_action(by=user_of(request), row=publication, message=message)
    messages.success(request, _("Good. Emails from this sender arrive."))
    return redirect("admin:truthlytics_emailsettings_changelist")
