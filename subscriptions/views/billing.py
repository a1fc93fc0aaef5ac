"""The reader's details for orders, receipts and tax."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from subscriptions.forms.billing import billing_form
from subscriptions.models import User
from subscriptions.visitor_cart import safe_return_path


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def billing(request: HttpRequest) -> HttpResponse:
    """GET shows the form, POST saves it and continues at `next`, such as the cart. 404 while no tax is configured."""
    form = billing_form(cast(User, request.user), request.POST if request.method == "POST" else None)
    if form is None:
        raise Http404("No tax is configured.")
    after = safe_return_path(request, request.POST.get("next", request.GET.get("next", "")))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your billing details are saved."))
        return redirect(after or "subscriptions:account")
    status = 422 if form.errors else 200
    return render(request, "subscriptions/billing.html", {"form": form, "next": after}, status=status)
