"""The contact page, with a form for messages and tips."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from truthlytics.contact.forms import MessageForm
from truthlytics.contact.models import Message
from truthlytics.contact.services import receive
from truthlytics.web.rate_limits import allow


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """Show the form, or receive what was sent. Every error response contains the text."""
    error, status = "", 200
    if request.method != "POST":
        subject = request.GET.get("about", "")
        form = MessageForm(initial={"subject": subject if subject in Message.Subject.values else None})
    else:
        form = MessageForm(request.POST)
        if not form.is_valid():
            status = 422
        elif not allow(request, "contact", per_account=10, per_address=20, seconds=3600):
            status, error = 429, _("You’ve sent many messages in the last hour. Wait a while, then try again.")
        else:
            if not form.is_from_a_program:
                receive(message=form.instance)
            return redirect("contact_sent")
    return render(request, "contact/contact.html", {"form": form, "error": error}, status=status)


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    return render(request, "contact/sent.html", {"front_url": reverse("articles:front")})
