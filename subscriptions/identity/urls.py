"""Addresses of logins with other accounts, included where a provider is configured.

Views are imported on first use, because they load requests and cryptography.
"""

from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from truthlytics.web.lazy_import import lazy_view

VIEWS = "subscriptions.views.connected"

urlpatterns = [
    path("accounts/with/sign-up/", lazy_view(f"{VIEWS}.sign_up"), name="provider_sign_up"),
    path("accounts/with/<slug:slug>/", lazy_view(f"{VIEWS}.log_in"), name="provider_login"),
    # allauth knows it by this name. Apple answers with a form of its own, which changes nothing: the same comes again
    # by GET.
    path(
        "accounts/with/<slug:provider_id>/callback/",
        csrf_exempt(lazy_view(f"{VIEWS}.callback")),
        name="openid_connect_callback",
    ),
    path("account/logins/", lazy_view(f"{VIEWS}.connected"), name="provider_connections"),
    path("account/logins/<int:pk>/removal/", lazy_view(f"{VIEWS}.disconnect"), name="provider_disconnect"),
    path("account/logins/<slug:slug>/", lazy_view(f"{VIEWS}.connect"), name="provider_connect"),
]
