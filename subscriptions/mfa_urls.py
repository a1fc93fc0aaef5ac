"""URLs of allauth's MFA views, as in allauth.mfa.urls, imported on first use.

They import cryptography and fido2, eight megabytes that most workers never need.
"""

from django.conf import settings
from django.urls import path
from django.views.decorators.csp import csp_override

from truthlytics.web.lazy_import import lazy_view

# The only page with a data: image: the QR code for an authenticator app.
_with_square_code = csp_override({**settings.SECURE_CSP, "img-src": [*settings.SECURE_CSP["img-src"], "data:"]})

_VIEWS = {
    "": "base.views.index",
    "authenticate/": "base.views.authenticate",
    "reauthenticate/": "base.views.reauthenticate",
    "totp/deactivate/": "totp.views.deactivate_totp",
    "recovery-codes/": "recovery_codes.views.view_recovery_codes",
    "recovery-codes/generate/": "recovery_codes.views.generate_recovery_codes",
    "recovery-codes/download/": "recovery_codes.views.download_recovery_codes",
    "webauthn/": "webauthn.views.list_webauthn",
    "webauthn/add/": "webauthn.views.add_webauthn",
    "webauthn/reauthenticate/": "webauthn.views.reauthenticate_webauthn",
    "webauthn/keys/<int:pk>/remove/": "webauthn.views.remove_webauthn",
    "webauthn/keys/<int:pk>/edit/": "webauthn.views.edit_webauthn",
    "webauthn/login/": "webauthn.views.login_webauthn",
}

urlpatterns = [
    path(
        "totp/activate/",
        _with_square_code(lazy_view("allauth.mfa.totp.views.activate_totp")),
        name="mfa_activate_totp",
    ),
    *(
        path(address, lazy_view(f"allauth.mfa.{view}"), name=f"mfa_{view.rpartition('.')[2]}")
        for address, view in _VIEWS.items()
    ),
]
