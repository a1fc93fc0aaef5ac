"""An OpenID Connect provider on this machine. Tests say what it must do wrong."""

import json
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT_ID, SECRET = "truthlytics", "a-secret"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
JWK = json.loads(RSAAlgorithm.to_jwk(KEY.public_key())) | {"kid": "1", "alg": "RS256", "use": "sig"}


def settings_for(issuer, slug="oidc", **more):
    """Return SOCIALACCOUNT_PROVIDERS with one provider."""
    app = {
        "provider_id": slug,
        "name": "Example",
        "client_id": CLIENT_ID,
        "secret": SECRET,
        "settings": {"server_url": issuer, "scope": ["openid", "email", "profile"], **more},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


class Provider:
    """`claims` are those of the person who logs in, and `tokens` what the provider says of them, both to change."""

    def __init__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.reset()

    def reset(self):
        self.claims = {"sub": "248", "email": "nora@example.org", "email_verified": True, "name": "Nora Neu"}
        self.token_claims, self.key, self.algorithm, self.headers = {}, KEY, "RS256", {"kid": "1"}
        self.configuration, self.body, self.delay, self.status = {}, None, 0, 200
        self.codes, self.requests = {}, []

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def settings(self, slug="oidc", **more):
        return settings_for(self.issuer, slug, **more)

    def authorize(self, url):
        """Log the person in, as its page would. Returns the address to which it sends the browser back."""
        parameters = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = parameters
        return f"{parameters['redirect_uri']}?{urlencode({'code': code, 'state': parameters['state']})}"

    def id_token(self, asked):
        now = int(time.time())
        usual = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims = usual | self.claims | self.token_claims
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, self.key, algorithm=self.algorithm, headers=self.headers)

    def answer(self, path, form):
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                **self.configuration,
            }
        if path == "/keys":
            return {"keys": [JWK]}
        if path == "/token":
            return {
                "access_token": "opaque",
                "token_type": "Bearer",
                "id_token": self.id_token(self.codes[form["code"]]),
            }
        return {"redirect": self.authorize(path)} if path.startswith("/authorize?") else {}

    def _handler(provider):
        class Handler(BaseHTTPRequestHandler):
            def respond(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                provider.requests.append((self.path, form))
                time.sleep(provider.delay)
                answer = provider.answer(self.path, form)
                with suppress(BrokenPipeError, ConnectionResetError):
                    if "redirect" in answer:
                        self.send_response(302)
                        self.send_header("Location", answer["redirect"])
                        self.end_headers()
                        return
                    content = provider.body if provider.body is not None else json.dumps(answer).encode()
                    self.send_response(provider.status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)

            do_GET = do_POST = respond

            def log_message(self, *args):
                """Print nothing."""

        return Handler
