"""Continuing at the price of another system, by a link that only its reader can use."""

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from subscriptions.services.old_prices import offer_for, put_into_cart
from subscriptions.visitor_cart import logged_in_user


@require_http_methods(["GET", "HEAD", "POST"])
def old_price(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the reader would pay; POST puts it into their cart. Others get 404."""
    offer, user = offer_for(token), logged_in_user(request)
    if offer is None or (user is not None and user != offer.coupon.reader):
        raise Http404("This link is used, or for another reader.")
    if request.method == "POST":
        if user is None:
            return redirect_to_login(request.path)
        put_into_cart(offer=offer, user=user)
        return redirect("subscriptions:cart")
    return render(request, "subscriptions/old_price.html", {"offer": offer})
