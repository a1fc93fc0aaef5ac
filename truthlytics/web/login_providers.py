"""The providers that people can log in with, read from the environment (docs/logging-in.md)."""

import re

from django.core.exceptions import ImproperlyConfigured

from truthlytics.env import env, parse_url, require_package
from truthlytics.web.types import JsonObject

GOOGLE, APPLE = "https://accounts.google.com", "https://appleid.apple.com"
# The tenant of personal accounts is 9188040d-6c67-4c5b-b112-36a304b66dad.
MICROSOFT = "https://login.microsoftonline.com/{tenant}/v2.0"
# The variables of each provider. All of them must be set, or none.
GOOGLE_VARIABLES = ("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET")
APPLE_VARIABLES = ("APPLE_CLIENT_ID", "APPLE_TEAM_ID", "APPLE_KEY_ID", "APPLE_PRIVATE_KEY")
MICROSOFT_VARIABLES = ("MICROSOFT_CLIENT_ID", "MICROSOFT_CLIENT_SECRET", "MICROSOFT_TENANT")
OTHER_VARIABLES = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
_TENANT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LOCAL = {"localhost", "127.0.0.1", "::1"}


def login_providers() -> JsonObject:
    """Return SOCIALACCOUNT_PROVIDERS, which is empty without a provider.

    Raises ImproperlyConfigured if a variable is missing or wrong.
    """
    apps = [app for app in (_google(), _apple(), _microsoft(), _other()) if app]
    if not apps:
        return {}
    require_package("jwt", extra="login", reason="There is a provider to log in with")
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": apps}}


def _google() -> JsonObject:
    client_id, secret = _variables(GOOGLE_VARIABLES)
    return _app("google", "Google", GOOGLE, client_id, secret)


def _microsoft() -> JsonObject:
    client_id, secret, tenant = _variables(MICROSOFT_VARIABLES)
    if tenant and not _TENANT.fullmatch(tenant):
        raise ImproperlyConfigured("MICROSOFT_TENANT must be the ID of one tenant, such as 9188040d-6c67-…")
    return _app("microsoft", "Microsoft", MICROSOFT.format(tenant=tenant), client_id, secret)


def _apple() -> JsonObject:
    """Apple has no secret: a key signs a new one for each login. It sends the answer as a form."""
    client_id, team, key_id, key = _variables(APPLE_VARIABLES)
    app = _app("apple", "Apple", APPLE, client_id, "")
    if app:
        app["settings"] |= {
            "oauth_pkce_enabled": False,
            "auth_params": {"response_mode": "form_post"},
            "scope": ["openid", "email"],
            "team_id": team,
            "key_id": key_id,
            "private_key": key.replace("\\n", "\n"),
        }
    return app


def _other() -> JsonObject:
    issuer, client_id, secret = _variables(OTHER_VARIABLES)
    host = ""
    if issuer:
        parts = parse_url("OIDC_ISSUER", issuer)
        host = parts.hostname or ""
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOCAL)
        if not is_safe or not host or parts.query:
            raise ImproperlyConfigured("OIDC_ISSUER must look like https://login.example.org.")
    return _app("oidc", host, issuer, client_id, secret)


def _variables(names: tuple[str, ...]) -> list[str]:
    """Return the values: all of them, or none. Raises ImproperlyConfigured if some are missing."""
    values = [env(name) for name in names]
    if any(values) and not all(values):
        missing = ", ".join(name for name, value in zip(names, values, strict=True) if not value)
        raise ImproperlyConfigured(f"Set {missing} too, or none of {', '.join(names)}.")
    return values


def _app(slug: str, name: str, issuer: str, client_id: str, secret: str) -> JsonObject:
    if not client_id:
        return {}
    return {
        "provider_id": slug,
        "name": name,
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": issuer, "scope": ["openid", "email", "profile"]},
    }
