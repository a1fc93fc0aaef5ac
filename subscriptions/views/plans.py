"""What can be bought, side by side."""

from itertools import groupby

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from subscriptions.models import Price
from subscriptions.visitor_cart import way_back


@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """Every plan with its prices in one currency, chosen by `?currency=`; an unknown one is answered with ours."""
    on_sale = list(Price.objects.current())
    currencies = sorted({price.currency for price in on_sale})
    usual = settings.DEFAULT_CURRENCY if settings.DEFAULT_CURRENCY in currencies else next(iter(currencies), "")
    wanted = request.GET.get("currency", "").upper()
    currency = wanted if wanted in currencies else usual
    shown = [price for price in on_sale if price.currency == currency]
    offers = [(plan, list(prices)) for plan, prices in groupby(shown, key=lambda price: price.plan)]
    context = {
        "offers": offers,
        "currency": currency,
        "currencies": currencies,
        "back": way_back(request, request.GET.get("next", "")),
        "unknown": wanted and wanted not in currencies,
    }
    return render(request, "subscriptions/plans.html", context)
