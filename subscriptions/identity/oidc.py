"""allauth's OpenID Connect provider, with what it leaves out: the nonce, the signature of ID tokens, and an own secret
for Apple.

Only the first login of a process imports it, because it loads cryptography and requests.
"""

import hashlib
import time
from typing import Any

import jwt
from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import get_request_param
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac
from requests import RequestException

from subscriptions.identity.http import is_safe
from subscriptions.identity.trust import is_trusted
from subscriptions.models import LoginProvider
from truthlytics.web.types import JsonObject

ALGORITHMS = ["RS256", "ES256", "PS256"]
# In seconds: by how much clocks may differ.
LEEWAY = 60
# In seconds. How long the addresses of a provider are kept.
CONFIGURATION_AGE = 600
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")

configurations: dict[str, tuple[float, JsonObject]] = {}


class ProviderError(OAuth2Error):
    """The provider answered what it must not. The message is for the log."""


def nonce_for(state: str) -> str:
    """Return the nonce of a login. Its state is random, used once, and known to one session only."""
    return salted_hmac("subscriptions.identity.nonce", state).hexdigest()


class Adapter(OpenIDConnectOAuth2Adapter):
    @property
    def openid_config(self) -> JsonObject:
        """The addresses of the provider. Raises ProviderError if they are not usable."""
        url = self.get_provider().server_url
        fetched, configuration = configurations.get(url, (-CONFIGURATION_AGE, {}))
        if time.monotonic() - fetched >= CONFIGURATION_AGE:
            configuration = _get_json(url)
            issuer = self.get_provider().app.settings["server_url"]
            if str(configuration.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
                raise ProviderError("The provider calls itself by another address.")
            if not all(is_safe(str(configuration.get(name, ""))) for name in ENDPOINTS):
                raise ProviderError("An address of the provider is missing or not encrypted.")
            configurations[url] = (time.monotonic(), configuration)
        return configuration

    def get_client(self, request: HttpRequest, app: SocialApp) -> OAuth2Client:
        client = super().get_client(request, app)
        if app.settings.get("private_key"):
            client.consumer_secret = _apple_secret(app)
        return client

    def get_access_token_data(self, *args: Any, **kwargs: Any) -> JsonObject:
        try:
            data = super().get_access_token_data(*args, **kwargs)
        except TypeError as error:
            raise ProviderError("The provider answered with something else than an object.") from error
        if not isinstance(data, dict) or not isinstance(data.get("id_token"), str):
            raise ProviderError("The provider sent no ID token.")
        return data

    def parse_token(self, data: JsonObject) -> SocialToken:
        """Return a token that is stored nowhere: nothing is asked with it."""
        return super().parse_token({"access_token": ""})

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Check the ID token and return the login. Raises ProviderError."""
        claims = self._verified(app, kwargs["response"]["id_token"])
        nonce = nonce_for(get_request_param(request, "state"))
        if not constant_time_compare(str(claims.get("nonce", "")), nonce):
            raise ProviderError("The ID token is of another login.")
        return self.get_provider().sociallogin_from_response(request, claims)

    def _verified(self, app: SocialApp, id_token: str) -> JsonObject:
        try:
            kid = jwt.get_unverified_header(id_token).get("kid")
            keys = jwt.PyJWKSet.from_dict(_get_json(self.openid_config["jwks_uri"])).keys
            key = next((key for key in keys if key.key_id == kid), None)
            if key is None:
                raise ProviderError("The ID token is signed with an unknown key.")
            claims: JsonObject = jwt.decode(
                id_token,
                key,
                algorithms=ALGORITHMS,
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except (jwt.PyJWTError, ValueError) as error:
            raise ProviderError(f"The ID token is not valid: {error}") from error
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != app.client_id:
            raise ProviderError("The ID token is for another site, too.")
        return claims


class Provider(OpenIDConnectProvider):
    """What is kept of a person is a digest of their number there. Name and address begin an account."""

    oauth2_adapter_class = Adapter

    def __str__(self) -> str:
        return LoginProvider.objects.name_of(self.app.provider_id)

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: object = None, **kwargs: Any
    ) -> HttpResponse:
        state = get_adapter().generate_state_param({})
        parameters = self.get_auth_params() | {"nonce": nonce_for(state)}
        response: HttpResponse = super().redirect(
            request, process, next_url, data, state_id=state, auth_params=parameters, **kwargs
        )
        return response

    def extract_uid(self, data: JsonObject) -> str:
        """Return a digest of issuer and number: another issuer in the environment has other people."""
        return hashlib.sha256(f"{data['iss']}\n{data['sub']}".encode()).hexdigest()

    def extract_extra_data(self, data: JsonObject) -> JsonObject:
        return {}

    def extract_common_fields(self, data: JsonObject) -> JsonObject:
        return {name: data[name] for name in ("email", "name") if isinstance(data.get(name), str)}

    def extract_email_addresses(self, data: JsonObject) -> list[EmailAddress]:
        if not isinstance(data.get("email"), str):
            return []
        row = LoginProvider.objects.offered_as(self.app.provider_id)
        verified = row is not None and is_trusted(row, data)
        return [EmailAddress(email=data["email"].lower(), verified=verified, primary=True)]


def _get_json(url: str) -> JsonObject:
    with get_adapter().get_requests_session() as session:
        response = session.get(url)
        response.raise_for_status()
        answer = response.json()
    if response.status_code != 200 or not isinstance(answer, dict):  # a redirect is not followed
        raise RequestException("The provider did not answer with an object.")
    return answer


def _apple_secret(app: SocialApp) -> str:
    """Return a secret for the next minutes, signed with the key from the developer account. Raises ProviderError."""
    now = int(time.time())
    values = {"iss": app.settings["team_id"], "iat": now, "exp": now + 300, "sub": app.client_id}
    values["aud"], headers = app.settings["server_url"], {"kid": app.settings["key_id"]}
    try:
        return jwt.encode(values, app.settings["private_key"], algorithm="ES256", headers=headers)
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise ProviderError("APPLE_PRIVATE_KEY is not a private key.") from error
