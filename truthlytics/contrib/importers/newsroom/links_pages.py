"""The email with personal links for readers who paid in another account: write, preview, test, and send it."""

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from subscriptions.models import SentEmail
from subscriptions.services.moving import LINK_EMAIL
from truthlytics.audit.log import log_action
from truthlytics.contrib.importers.contracts import link_email
from truthlytics.contrib.importers.contracts.inviting import personal_links, recipients
from truthlytics.contrib.importers.contracts.library import CONTRACTS
from truthlytics.contrib.importers.contracts.models import LinkEmail
from truthlytics.contrib.importers.newsroom.access import importer_of
from truthlytics.publication.mail import send_rendered
from truthlytics.web.csv_files import csv_response
from truthlytics.web.rate_limits import allow
from truthlytics.web.text import strip_control_characters

PAGE = "admin:import_links"


class LinkEmailForm(forms.ModelForm[LinkEmail]):
    """The subject and the text, with placeholders."""

    class Meta:
        model = LinkEmail
        fields = ("subject", "text")
        labels = {"subject": gettext_lazy("Subject"), "text": gettext_lazy("Text")}
        widgets = {
            "subject": forms.TextInput({"autocomplete": "off"}),
            "text": forms.Textarea({"rows": 14}),
        }

    def clean_subject(self) -> str:
        subject = " ".join(strip_control_characters(self.cleaned_data["subject"]).split())
        if "[link]" in subject:
            raise forms.ValidationError(_("The link belongs into the text."))
        return self._known(subject)

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        if "[link]" not in text:
            raise forms.ValidationError(_("Write [link] where the personal link is to be."))
        return self._known(text)

    def _known(self, text: str) -> str:
        if unknown := link_email.unknown_placeholders(text):
            names = ", ".join(f"[{name}]" for name in unknown)
            raise forms.ValidationError(_("There is no value for %(names)s.") % {"names": names})
        return text


@require_http_methods(["GET", "HEAD", "POST"])
def links(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show the email and how many readers would get it; POST saves it."""
    user = importer_of(request, CONTRACTS)
    email = link_email.draft()
    form = LinkEmailForm(request.POST if request.method == "POST" else None, instance=email, label_suffix="")
    if request.method == "POST" and form.is_valid():
        saved = form.save(commit=False)
        saved.saved_at, saved.saved_by = timezone.now(), user
        saved.save()
        log_action(by=user, row=saved, message=_("Wrote the email with personal links."))
        messages.success(request, _("Saved. Look at the preview, and send a test to yourself."))
        return redirect(PAGE)
    number = len(recipients())
    context = site.each_context(request) | {
        "title": _("Personal links"),
        "form": form,
        "placeholders": [(f"[{name}]", text) for name, text in link_email.PLACEHOLDERS.items()],
        "email": LinkEmail.objects.first(),
        "number": number,
        "sent": SentEmail.objects.filter(kind=LINK_EMAIL).count(),
        "send_label": ngettext("Send to %(number)d reader", "Send to %(number)d readers", number) % {"number": number},
    }
    return TemplateResponse(request, "admin/import/links.html", context, status=422 if form.errors else 200)


@require_safe
def links_csv(request: HttpRequest) -> HttpResponseBase:
    """Return address, personal link and amount of each reader, for an email from another system."""
    importer_of(request, CONTRACTS)
    return csv_response("links.csv", [("email", "link", "amount"), *personal_links()])


@xframe_options_sameorigin
@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """Return the HTML of the email with values of the user. The link does not work."""
    user = importer_of(request, CONTRACTS)
    headers = {"X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store"}
    return HttpResponse(link_email.rendered(link_email.draft(), link_email.sample(user)).html, headers=headers)


@require_POST
def send_test(request: HttpRequest) -> HttpResponse:
    """Send the email to the user."""
    user = importer_of(request, CONTRACTS)
    if not allow(request, "link-email-test", per_account=30, per_address=60, seconds=3600):
        return render(request, "429.html", status=429)
    found = link_email.rendered(link_email.draft(), link_email.sample(user))
    with transaction.atomic():
        send_rendered(found._replace(subject=_("[Test] %(subject)s") % {"subject": found.subject}), to=user.email)
    messages.success(request, _("The test is on its way to %(email)s.") % {"email": user.email})
    return redirect(PAGE)


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Have a worker send the email to the number of readers that the page has shown."""
    user = importer_of(request, CONTRACTS)
    email, number = LinkEmail.objects.first(), len(recipients())
    if email is None:
        messages.error(request, _("Save the email first."))
    elif request.POST.get("number") != str(number) or not number:
        messages.warning(request, _("The number of readers has changed. Look at it again."))
    else:
        with transaction.atomic():
            link_email.start(email=email)
            text = ngettext("Sent %(number)d personal link.", "Sent %(number)d personal links.", number)
            log_action(by=user, row=email, message=text % {"number": number})
        messages.success(request, _("The emails are being sent. Each reader gets one."))
    return redirect(PAGE)
