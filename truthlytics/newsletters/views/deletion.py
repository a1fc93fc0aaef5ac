"""Readers without an account delete their address by a link that each newsletter has."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from truthlytics.newsletters.services.deletion import delete_address
from truthlytics.newsletters.views.readers import token_or_404
from truthlytics.privacy.deletion import forget_address


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to delete the address of a signed link, as in each newsletter; POST deletes it.

    One with an account is deleted with that.
    """
    found, _issue_id = token_or_404(token)
    if found.user_id is not None:
        return redirect("privacy:deletion")
    if request.method == "POST":
        with transaction.atomic():
            forget_address(found.email)
            delete_address(found, timezone.now())
        return redirect("newsletter_address_deleted")
    return render(request, "newsletters/address.html", {"address": found, "token": token})


@require_safe
def address_deleted(request: HttpRequest) -> HttpResponse:
    return render(request, "newsletters/address_deleted.html")
