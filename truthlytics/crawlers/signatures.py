"""Signatures of agents: HTTP Message Signatures (RFC 9421) with Ed25519 and the tag `web-bot-auth`.

Everything comes from strangers. Headers are short and parsed in linear time. Only claims of known keys are verified,
and only so many a second: one more is treated as not signed.
"""

import base64
import binascii
import re
import time
from collections.abc import Callable, Mapping
from enum import Enum
from threading import Lock
from typing import NamedTuple, Self

from truthlytics.server.body_buffer import Environ
from truthlytics.web.agents import Agent
from truthlytics.web.lazy_import import LazyModule

ed25519 = LazyModule("cryptography.hazmat.primitives.asymmetric.ed25519")
exceptions = LazyModule("cryptography.exceptions")

TAG = "web-bot-auth"
MAX_HEADER = 2048
MAX_COMPONENTS = 10
# How long (seconds) a signature may be valid, and how far ahead the clock of an agent may be.
MAX_LIFETIME, SKEW = 24 * 3600, 60
# Verifications per second of a process, which take about a tenth of a millisecond each.
MAX_PER_SECOND = 50
# Nonces that are remembered until their signature expires.
MAX_NONCES = 10_000

# Structured fields (RFC 9651). The quantifiers give nothing back, so matching takes linear time.
_STRING = r'"(?:[ !#-\[\]-~]|\\["\\])*+"'
_KEY = r"[a-z*][a-z0-9_.*-]*+"
_VALUE = rf"(?:{_STRING}|:[A-Za-z0-9+/=]*+:|[A-Za-z0-9?*._/-]++)"
_PARAMETERS = rf"(?:; *+{_KEY}(?:={_VALUE})?+)*+"
_SIGNED = re.compile(rf"[ \t]*+({_KEY})=(\( *+((?:{_STRING}{_PARAMETERS} *+)*+)\)({_PARAMETERS}))[ \t]*+(?:,|$)")
_SIGNATURE = re.compile(rf"[ \t]*+({_KEY})=:([A-Za-z0-9+/]*+=*+):{_PARAMETERS}[ \t]*+(?:,|$)")
_MEMBER = re.compile(rf"[ \t]*+({_KEY})=({_VALUE}{_PARAMETERS})[ \t]*+(?:,|$)")
_COMPONENT = re.compile(rf"({_STRING})({_PARAMETERS})")
_PARAMETER = re.compile(rf"; *+({_KEY})(?:=({_VALUE}))?+")


class Verdict(Enum):
    VALID = "valid"
    # It claims a key that we know, and does not hold.
    FORGED = "forged"
    # Nothing can be said of it: the key is not known, a component is not supported, or there are too many.
    UNKNOWN = "unknown"


class Key(NamedTuple):
    """The public key of an agent. `not_before` and `expires` are seconds since the epoch; 0 is no limit."""

    agent: Agent
    public: bytes
    not_before: float = 0
    expires: float = 0


class Checked(NamedTuple):
    """What is known of the signature of a request; `agent` is who it claims to be."""

    verdict: Verdict
    agent: Agent | None = None


UNKNOWN = Checked(Verdict.UNKNOWN)


class UnsupportedError(Exception):
    """The signature covers something that this site cannot compare."""


class Component(NamedTuple):
    """What a signature covers. `text` is how it is written there, `key` a member of a dictionary or ""."""

    text: str
    name: str
    key: str


class Claim(NamedTuple):
    """A signature as it was sent. `parameters` is the text that is signed, too."""

    key_id: str
    created: int
    expires: int
    nonce: str
    components: tuple[Component, ...]
    parameters: str
    signature: bytes

    @classmethod
    def read(cls, environ: Environ) -> Self | None:
        """Return the signature with our tag, or None if the headers have none that is well-formed."""
        inputs, signatures = environ.get("HTTP_SIGNATURE_INPUT", ""), environ.get("HTTP_SIGNATURE", "")
        if max(len(inputs), len(signatures), len(environ.get("HTTP_SIGNATURE_AGENT", ""))) > MAX_HEADER:
            return None
        for label, text, inner, attributes in (member.groups() for member in _members(_SIGNED, inputs)):
            values = _parameters(attributes)
            if values.get("tag") == TAG:
                found = {member[1]: member[2] for member in _members(_SIGNATURE, signatures)}
                return cls._make_from(values, inner, text, found.get(label, ""))
        return None

    @classmethod
    def _make_from(cls, values: dict[str, str], inner: str, text: str, signature: str) -> Self | None:
        components = tuple(_component(*found.groups()) for found in _COMPONENT.finditer(inner))
        texts = {component.text for component in components}
        if not 0 < len(texts) == len(components) <= MAX_COMPONENTS or values.get("alg", "ed25519") != "ed25519":
            return None
        try:
            created, expires = int(values["created"]), int(values["expires"])
            value = base64.b64decode(signature, validate=True)
        except (KeyError, ValueError, binascii.Error):
            return None
        return cls(values.get("keyid", ""), created, expires, values.get("nonce", ""), components, text, value)

    def base(self, environ: Environ) -> bytes:
        """Return what has to be signed (RFC 9421, 2.5). Raises UnsupportedError, or KeyError if a header is missing."""
        lines = [f"{component.text}: {_value(component, environ)}" for component in self.components]
        return "\n".join([*lines, f'"@signature-params": {self.parameters}']).encode(errors="replace")

    def covers(self, name: str) -> bool:
        return any(component.name == name for component in self.components)

    def is_timely(self, now: float) -> bool:
        return self.created - SKEW <= now < self.expires and 0 < self.expires - self.created <= MAX_LIFETIME


class Verifier:
    """Checks the signatures of requests to this process."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self._lock = Lock()
        self._second, self._verified = 0, 0
        # When they expire, by key and nonce.
        self._nonces: dict[tuple[str, str], int] = {}

    def check(self, environ: Environ, keys: Mapping[str, Key]) -> Checked:
        """Return who has signed the request. `keys` are the known ones by their thumbprint (RFC 7638)."""
        claim = Claim.read(environ)
        key = keys.get(claim.key_id) if claim else None
        if claim is None or key is None:
            return UNKNOWN
        now, forged = self.clock(), Checked(Verdict.FORGED, key.agent)
        if not claim.is_timely(now) or not key.not_before <= now < (key.expires or now + 1):
            return forged
        named = "HTTP_SIGNATURE_AGENT" in environ
        if not claim.covers("@authority") or (named and not claim.covers("signature-agent")):
            return forged
        try:
            signed = claim.base(environ)
        except UnsupportedError:
            return UNKNOWN
        except KeyError:
            return forged
        if not self._may_verify(now):
            return UNKNOWN
        if not _is_signed(key.public, claim.signature, signed) or self._is_replayed(claim, now):
            return forged
        return Checked(Verdict.VALID, key.agent)

    def _may_verify(self, now: float) -> bool:
        with self._lock:
            if int(now) != self._second:
                self._second, self._verified = int(now), 0
            self._verified += 1
            return self._verified <= MAX_PER_SECOND

    def _is_replayed(self, claim: Claim, now: float) -> bool:
        """Return whether the nonce was used before. Without one, an agent may use a signature until it expires.

        When too many are remembered, no further signature with a nonce is accepted until some have expired.
        """
        if not claim.nonce:
            return False
        name = claim.key_id, claim.nonce
        with self._lock:
            if name in self._nonces:
                return self._nonces[name] > now
            if len(self._nonces) >= MAX_NONCES:
                self._nonces = {known: expires for known, expires in self._nonces.items() if expires > now}
            if len(self._nonces) < MAX_NONCES:
                self._nonces[name] = claim.expires
                return False
        return True


def _members(pattern: re.Pattern[str], header: str) -> list[re.Match[str]]:
    """Return the members of a dictionary. One that is not well-formed has none."""
    found, position = [], 0
    while position < len(header):
        match = pattern.match(header, position)
        if match is None:
            return []
        found.append(match)
        position = match.end()
    return found


def _parameters(text: str) -> dict[str, str]:
    return {name: _unquoted(value or "") for name, value in _PARAMETER.findall(text)}


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def _component(quoted: str, attributes: str) -> Component:
    values = _parameters(attributes)
    # Others, such as `bs` and `req`, change what is compared.
    name = _unquoted(quoted) if values.keys() <= {"key"} else ""
    return Component(quoted + attributes, name, values.get("key", ""))


def _value(component: Component, environ: Environ) -> str:
    name = component.name
    if name == "@authority" and not component.key:
        return authority(environ)
    if name == "@method" and not component.key:
        return str(environ["REQUEST_METHOD"])
    if not re.fullmatch("[a-z][a-z0-9-]*", name):
        raise UnsupportedError(name)
    header = str(environ[f"HTTP_{name.upper().replace('-', '_')}"])
    return (
        {found[1]: found[2] for found in _members(_MEMBER, header)}[component.key] if component.key else header.strip()
    )


def authority(environ: Environ) -> str:
    """Return the host that was asked, in lower case and without the default port (RFC 9421, 2.2.3)."""
    host = str(environ.get("HTTP_HOST", "")).lower().strip()
    return host.removesuffix(":443").removesuffix(":80")


def _is_signed(public: bytes, signature: bytes, signed: bytes) -> bool:
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, signed)
    except (exceptions.InvalidSignature, ValueError):
        return False
    return True
