"""URLs of allauth's MFA views, as in allauth.mfa.urls, imported on first use.

Those that change how a reader logs in, or show recovery codes, need a recent login; allauth would ask only readers who
have a password. The views import cryptography and fido2, eight megabytes that most workers never need.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpResponseBase
from django.urls import path
from django.views.decorators.csp import csp_override

from subscriptions.recent_login import recent_login_required
from truthlytics.web.lazy_import import lazy_view

# The only page with a data: image: the QR code for an authenticator app.
_with_square_code = csp_override({**settings.SECURE_CSP, "img-src": [*settings.SECURE_CSP["img-src"], "data:"]})

# Views that only list what there is, or ask for a proof themselves.
_OPEN = {
    "": "base.views.index",
    "authenticate/": "base.views.authenticate",
    "reauthenticate/": "base.views.reauthenticate",
    "webauthn/": "webauthn.views.list_webauthn",
    "webauthn/reauthenticate/": "webauthn.views.reauthenticate_webauthn",
    "webauthn/login/": "webauthn.views.login_webauthn",
}
_GUARDED = {
    "totp/deactivate/": "totp.views.deactivate_totp",
    "recovery-codes/": "recovery_codes.views.view_recovery_codes",
    "recovery-codes/generate/": "recovery_codes.views.generate_recovery_codes",
    "recovery-codes/download/": "recovery_codes.views.download_recovery_codes",
    "webauthn/add/": "webauthn.views.add_webauthn",
    "webauthn/keys/<int:pk>/remove/": "webauthn.views.remove_webauthn",
    "webauthn/keys/<int:pk>/edit/": "webauthn.views.edit_webauthn",
}


def _guarded(view: str) -> Callable[..., HttpResponseBase]:
    return recent_login_required(lazy_view(f"allauth.mfa.{view}"))


urlpatterns = [
    path("totp/activate/", _with_square_code(_guarded("totp.views.activate_totp")), name="mfa_activate_totp"),
    *(
        path(address, lazy_view(f"allauth.mfa.{view}"), name=f"mfa_{view.rpartition('.')[2]}")
        for address, view in _OPEN.items()
    ),
    *(path(address, _guarded(view), name=f"mfa_{view.rpartition('.')[2]}") for address, view in _GUARDED.items()),
]
