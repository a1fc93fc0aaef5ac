"""Signed notes, checkpoints and cosignatures, as C2SP specifies them.

https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint and https://c2sp.org/tlog-cosignature: a checkpoint is a
text with the name of a log, its size and its root, and signatures by its publication and by witnesses.
"""

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from truthlytics.web.lazy_import import LazyModule

if TYPE_CHECKING:
    from cryptography import exceptions
    from cryptography.hazmat.primitives.asymmetric import ed25519
else:
    # Pages for readers do not need it.
    exceptions = LazyModule("cryptography.exceptions")
    ed25519 = LazyModule("cryptography.hazmat.primitives.asymmetric.ed25519")

# The bytes that say what a key signs: notes, or checkpoints of others together with the time.
LOG_KEY, WITNESS_KEY = 1, 4
KEY_NAME = re.compile(r"[^\s+]+")
# Bytes of a note that is accepted from others.
MAX_NOTE_LENGTH = 65_536
# Entries of a log, so that the database can store the number.
MAX_SIZE = 2**63 - 1
_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")


class NoteError(ValueError):
    """A note, checkpoint or key is not written as specified, or a signature is wrong. The message says what."""


def to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """Raises NoteError."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("This is not base64.") from error


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public Ed25519 key with the name of its owner, written as `name+id+key`."""

    name: str
    kind: int
    public_key: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises NoteError."""
        name, _plus, rest = text.strip().partition("+")
        id_, _plus, encoded = rest.partition("+")
        data = from_base64(encoded)
        key = cls(name, data[0] if data else 0, data[1:])
        if not KEY_NAME.fullmatch(name) or key.kind not in {LOG_KEY, WITNESS_KEY} or len(key.public_key) != 32:
            raise NoteError("This is not a verifier key of a log or witness with Ed25519.")
        if key.id.hex() != id_.lower():
            raise NoteError("The number in the verifier key does not belong to its name and key.")
        return key

    @property
    def id(self) -> bytes:
        data = self.name.encode() + b"\n" + bytes([self.kind]) + self.public_key
        return hashlib.sha256(data).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{to_base64(bytes([self.kind]) + self.public_key)}"

    def has_signed(self, signature: bytes, message: bytes) -> bool:
        try:
            ed25519.Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (exceptions.InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signature:
    """A line of a note with a signature."""

    name: str
    key_id: bytes
    data: bytes

    @property
    def encoded(self) -> str:
        return to_base64(self.key_id + self.data)

    def __str__(self) -> str:
        return f"— {self.name} {self.encoded}\n"

    def is_by(self, key: VerifierKey) -> bool:
        """Return whether it claims to be by `key`. It is not verified."""
        return (self.name, self.key_id) == (key.name, key.id)

    @property
    def time(self) -> int:
        """When a witness signed, in seconds since 1970."""
        return int(struct.unpack(">Q", self.data[:8])[0]) if len(self.data) == 72 else 0


@dataclass(frozen=True, slots=True)
class Note:
    """A text, which ends with a line break, and its signatures."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, note: str) -> Self:
        """Raises NoteError."""
        if len(note) > MAX_NOTE_LENGTH or any(char < " " and char != "\n" for char in note):
            raise NoteError("The note is too long or contains control characters.")
        text, blank, lines = note.rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise NoteError("The note has no signatures.")
        return cls(text + "\n", tuple(parse_signatures(lines)))

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"

    def require_signature_by(self, keys: Iterable[VerifierKey]) -> VerifierKey:
        """Return the first of `keys` that signed the note. Raises NoteError if none did, or a signature is wrong."""
        for key in keys:
            for signature in self.signatures:
                if signature.is_by(key):
                    if not is_valid(self.text, signature, key):
                        raise NoteError(f"The signature of {key.name} is wrong.")
                    return key
        raise NoteError("None of the signatures is by a known key.")


def parse_signatures(lines: str) -> list[Signature]:
    """Return the signatures in `lines` of a note. Raises NoteError."""
    signatures = []
    for line in lines.removesuffix("\n").split("\n"):
        match = _SIGNATURE_LINE.fullmatch(line)
        if match is None or len(data := from_base64(match[2])) < 5:
            raise NoteError("A line of the note is not a signature.")
        signatures.append(Signature(match[1], data[:4], data[4:]))
    return signatures


def is_valid(text: str, signature: Signature, key: VerifierKey) -> bool:
    """Return whether `signature` is one of `text` by `key`. Witnesses sign the time as well."""
    if key.kind == WITNESS_KEY:
        return len(signature.data) == 72 and key.has_signed(signature.data[8:], cosigned_message(text, signature.time))
    return key.has_signed(signature.data, text.encode())


def cosigned_message(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with its name."""

    name: str
    private_key: "ed25519.Ed25519PrivateKey"

    def verifier_key(self, kind: int = LOG_KEY) -> VerifierKey:
        return VerifierKey(self.name, kind, self.private_key.public_key().public_bytes_raw())

    def sign(self, text: str) -> Signature:
        """Sign a text of our own, such as a checkpoint."""
        return Signature(self.name, self.verifier_key().id, self.private_key.sign(text.encode()))

    def cosign(self, text: str, time: int) -> Signature:
        """Sign the checkpoint of another log as its witness, at `time` in seconds since 1970."""
        signature = self.private_key.sign(cosigned_message(text, time))
        key = self.verifier_key(WITNESS_KEY)
        return Signature(self.name, key.id, struct.pack(">Q", time) + signature)


@dataclass(frozen=True, slots=True)
class Head:
    """The state of a log: what a checkpoint is about."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the head in the text of a checkpoint. Raises NoteError."""
        lines = text.split("\n")
        if len(lines) < 4 or not all(lines[:-1]) or not re.fullmatch("0|[1-9][0-9]{0,18}", lines[1]):
            raise NoteError("This is not a checkpoint of a log.")
        if int(lines[1]) > MAX_SIZE:
            raise NoteError("The log is too large.")
        root = from_base64(lines[2])
        if len(root) != 32:
            raise NoteError("The root of the checkpoint has another length.")
        return cls(lines[0], int(lines[1]), root)

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"
