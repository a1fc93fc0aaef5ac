"""Signs requests as agents do, and badly as forgers do."""

import base64
import json
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import RequestFactory

from truthlytics.crawlers.directories import read_directory, thumbprint

AGENT = '"https://agent.example"'


class Signer:
    def __init__(self):
        self.private = Ed25519PrivateKey.generate()
        raw = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public = base64.urlsafe_b64encode(raw).decode().rstrip("=")

    @property
    def jwk(self):
        return {"kty": "OKP", "crv": "Ed25519", "x": self.public}

    @property
    def directory(self):
        return {"keys": [self.jwk]}

    @property
    def stored(self):
        """The keys as a SignedAgent has them."""
        return read_directory(json.dumps(self.directory))

    def headers(self, **changed):
        """Return the headers of a signed request. `changed` replaces what a good signature says and covers."""
        now = int(time.time())
        facts = {
            "components": '"@authority" "signature-agent"', "created": now, "expires": now + 300, "nonce": "n1",
            "key_id": thumbprint(self.public), "tag": "web-bot-auth", "authority": "testserver", "agent": AGENT,
            "more": "",
        } | changed  # fmt: skip
        parameters = f"({facts['components']});created={facts['created']};expires={facts['expires']}"
        parameters += f';keyid="{facts["key_id"]}";alg="ed25519"' + (
            f';nonce="{facts["nonce"]}"' * bool(facts["nonce"])
        )
        parameters += f';tag="{facts["tag"]}"{facts["more"]}'
        values = {
            '"@authority"': facts["authority"], '"@method"': "GET", '"signature-agent"': facts["agent"],
            '"signature-agent";key="a"': facts["agent"].removeprefix("a="),
        }  # fmt: skip
        lines = [f"{name}: {values[name]}" for name in facts["components"].split(" ") if name in values]
        lines.append(f'"@signature-params": {parameters}')
        signature = self.private.sign("\n".join(lines).encode())
        return {
            "HTTP_SIGNATURE_AGENT": facts["agent"],
            "HTTP_SIGNATURE_INPUT": f"sig1={parameters}",
            "HTTP_SIGNATURE": f"sig1=:{base64.b64encode(signature).decode()}:",
        }


def environ(headers, path="/", method="GET", host="testserver"):
    return RequestFactory(HTTP_HOST=host).generic(method, path, **headers).environ
