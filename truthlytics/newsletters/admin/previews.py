"""How readers will see an issue, and tests of it."""

from collections.abc import Callable, Collection
from email.utils import make_msgid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST, require_safe

from articles.access import Level
from articles.admin.editing.access import get_changeable_item
from truthlytics.newsletters.admin.formatting import masked
from truthlytics.newsletters.admin.forms import TestForm
from truthlytics.newsletters.issue_checks import findings, recipient_counts, rendered
from truthlytics.newsletters.models import Address, Delivery, Issue, Variant
from truthlytics.newsletters.rendering import Personal, message_for, sender_of, token_mark
from truthlytics.publication.language import site_language
from truthlytics.web.mail_errors import EmailError
from truthlytics.web.mail_server import MailConnection
from truthlytics.web.rate_limits import allow
from truthlytics.web.users import user_of

if TYPE_CHECKING:
    from truthlytics.newsletters.admin.issues import IssueAdmin

READERS = {
    "visitor": (gettext_lazy("Not registered"), Level.EVERYONE),
    "registered": (gettext_lazy("Registered reader"), Level.REGISTERED),
    "paying": (gettext_lazy("Paying reader"), Level.SUPPORTER),
}
FORMATS = {"desk": gettext_lazy("Desktop"), "phone": gettext_lazy("Phone"), "text": gettext_lazy("Plain text")}
# The styles of an email are in its elements; everything else is forbidden, and the frame is sandboxed besides.
with_policy_for_emails: Callable[[Any], Any] = csp_override(
    {
        "default-src": [CSP.NONE],
        "img-src": [*settings.SECURE_CSP["img-src"], urlsplit(settings.SITE_URL)._replace(path="").geturl()],
        "style-src": [CSP.UNSAFE_INLINE],
        "frame-ancestors": [CSP.SELF],
    }
)


def _chosen(request: HttpRequest, name: str, choices: Collection[str]) -> str:
    """Return the value of `name` in the query if it is one of `choices`, otherwise the first of them."""
    value = request.GET.get(name, "")
    return value if value in choices else next(iter(choices))


@require_safe
def preview_page(request: HttpRequest, pk: int, admin: "IssueAdmin") -> HttpResponse:
    """Show the email as a reader gets it, what the checks find, and the form that sends a test."""
    issue: Issue = get_changeable_item(admin, request, pk)
    options: dict[str, tuple[str, dict[str, Any]]] = {
        "as": (_("Reader"), {key: name for key, (name, _level) in READERS.items()}),
        "format": (_("Format"), FORMATS),
    }
    chosen = {name: _chosen(request, name, choices) for name, (_label, choices) in options.items()}
    rows = [
        (label, [(text, chosen[name] == key, chosen | {name: key}) for key, text in choices.items()])
        for name, (label, choices) in options.items()
    ]
    now = timezone.now()
    result = rendered(issue, now)
    counts = recipient_counts(issue, [variant.level for variant in result.variants], now)
    context = admin.view_context(
        request,
        title=_("Preview"),
        original=issue,
        chosen=chosen,
        rows=rows,
        variant=result.for_level(READERS[chosen["as"]][1]),
        findings=findings(issue, result, sum(counts.values())),
        sender=sender_of(issue),
        form=TestForm(user=user_of(request)),
    )
    return TemplateResponse(request, "admin/newsletters/preview.html", context)


@xframe_options_sameorigin
@require_safe
def preview_frame(request: HttpRequest, pk: int, admin: "IssueAdmin") -> HttpResponse:
    """Return the HTML of the email. The reader's own links don't work."""
    issue: Issue = get_changeable_item(admin, request, pk)
    variant = rendered(issue, timezone.now()).for_level(READERS[_chosen(request, "as", READERS)][1])
    if variant is None:
        raise Http404("There is nothing to preview.")
    headers = {"X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store"}
    return HttpResponse(variant.html.replace(token_mark(issue), "preview"), headers=headers)


@require_POST
def send_test(request: HttpRequest, pk: int, admin: "IssueAdmin") -> HttpResponse:
    """Send the email to colleagues and other addresses at once, as the chosen reader gets it."""
    issue: Issue = get_changeable_item(admin, request, pk)
    back = redirect("admin:newsletters_issue_preview", pk)
    back.headers["Location"] += f"?as={_chosen(request, 'as', READERS)}"
    if not allow(request, "newsletter-test", per_account=30, per_address=60, seconds=3600):
        return render(request, "429.html", status=429)
    form = TestForm(request.POST, user=user_of(request))
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return back
    variant = rendered(issue, timezone.now()).for_level(READERS[_chosen(request, "as", READERS)][1])
    if variant is None:
        messages.error(request, _("There is nothing to send yet."))
        return back
    emails = form.emails
    try:
        _send_test(variant, emails)
    except EmailError as error:
        messages.error(request, _("The test was not sent: %(problem)s") % {"problem": str(error)[:300]})
    else:
        others = ", ".join(masked(email) for email in form.cleaned_data["others"])
        message = _("Test sent, also to %(others)s.") % {"others": others} if others else _("Test sent.")
        admin.log_change(request, issue, message)
        text = ngettext("Test sent to %(count)d person.", "Test sent to %(count)d people.", len(emails))
        messages.success(request, text % {"count": len(emails)})
    return back


def _send_test(variant: Variant, emails: list[str]) -> None:
    """Send `variant` to each of `emails`, with links that don't belong to a reader. Raises EmailError."""
    with site_language(), MailConnection() as server:
        for email in emails:
            personal = Personal(Delivery(issue=variant.issue), Address(email=email))
            message = message_for(variant, personal)
            message.subject = _("[Test] %(subject)s") % {"subject": message.subject}
            # Of their own, or mail servers would take the second test for the first.
            message.extra_headers["Message-ID"] = make_msgid(domain=urlsplit(settings.SITE_URL).hostname)
            server.send(message)
