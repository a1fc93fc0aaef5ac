"""Signed notes (https://c2sp.org/signed-note), checkpoints, and Ed25519 (RFC 8032, section 5.1) without a package."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import NamedTuple, Tuple

# --- Ed25519. Only verifying, with public values, so it need not run in constant time. ------------------------------
_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT_OF_MINUS_1 = pow(2, (_P - 1) // 4, _P)
# X, Y, Z and T with x = X/Z, y = Y/Z and x·y = T/Z.
_Point = Tuple[int, int, int, int]


def _add(p: _Point, q: _Point) -> _Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % _P, (p[1] + p[0]) * (q[1] + q[0]) % _P
    c, d = 2 * p[3] * q[3] * _D % _P, 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: _Point) -> _Point:
    result: _Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point, scalar = _add(point, point), scalar >> 1
    return result


def _decoded(data: bytes) -> _Point | None:
    """Return the point with this encoding, or None if there is none."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT_OF_MINUS_1 % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


def _encoded(point: _Point) -> bytes:
    inverse = pow(point[2], _P - 2, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


_BASE = _decoded((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))


def ed25519_holds(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Return whether `signature` is one of `message` by the owner of `public_key`."""
    key = _decoded(public_key) if len(public_key) == 32 and len(signature) == 64 else None
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or _BASE is None or scalar >= _ORDER:
        return False
    number = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % _ORDER
    minus_key = (_P - key[0], key[1], key[2], _P - key[3])
    return _encoded(_add(_times(scalar, _BASE), _times(number, minus_key))) == signature[:32]


# --- Notes ----------------------------------------------------------------------------------------------------------
class NotANote(Exception):
    """A checkpoint or key is not written as specified. The message is a sentence."""


class Key(NamedTuple):
    """A verifier key. `kind` is 1 for logs and 4 for witnesses, which sign the time as well."""

    text: str
    name: str
    id: bytes
    kind: int
    public_key: bytes


class Line(NamedTuple):
    """A signature below a note."""

    name: str
    key_id: bytes
    data: bytes


class Checkpoint(NamedTuple):
    """A signed state of a log. `saved_at` is when verify.py kept it, in seconds since 1970, or 0."""

    text: str
    origin: str
    size: int
    root: bytes
    lines: tuple[Line, ...]
    saved_at: int


# The line that verify.py adds to a checkpoint that it keeps: the time. It signs nothing.
SAVED = "verify.py/saved"


def from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotANote("This is not base64.") from error


def read_key(text: str) -> Key:
    """Raises NotANote."""
    name, _plus, rest = text.strip().partition("+")
    number, _plus, encoded = rest.partition("+")
    data = from_base64(encoded)
    expected = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    if not name or len(data) != 33 or data[0] not in (1, 4) or expected.hex() != number.lower():
        raise NotANote(f"“{text.strip()}” is not the verifier key of a log or a witness.")
    return Key(text.strip(), name, expected, data[0], data[1:])


def read_checkpoint(note: str) -> Checkpoint:
    """Raises NotANote."""
    text, blank, rest = note.rpartition("\n\n")
    head = text.split("\n")
    if not blank or len(head) < 3 or not all(head) or not re.fullmatch("0|[1-9][0-9]{0,18}", head[1]):
        raise NotANote("This is not a checkpoint.")
    root, lines, saved_at = from_base64(head[2]), [], 0
    for line in rest.rstrip("\n").split("\n"):
        parts = line.split(" ")
        data = from_base64(parts[2]) if len(parts) == 3 and parts[0] == "—" else b""
        if len(data) < 5 or len(root) != 32:
            raise NotANote("This is not a checkpoint.")
        lines.append(Line(parts[1], data[:4], data[4:]))
        if parts[1] == SAVED and len(data) == 12:
            saved_at = int.from_bytes(data[4:], "big")
    return Checkpoint(text + "\n", head[0], int(head[1]), root, tuple(lines), saved_at)


def saved_line(now: int) -> str:
    """Return the line with the time, in seconds since 1970, at which a checkpoint was kept."""
    return f"— {SAVED} {base64.b64encode(bytes(4) + now.to_bytes(8, 'big')).decode()}\n"


def signed_at(key: Key, checkpoint: Checkpoint) -> int | None:
    """Return when the owner of `key` signed, in seconds since 1970: 0 for a log, which signs no time.

    None if it did not sign, -1 if its signature is wrong.
    """
    for line in checkpoint.lines:
        if (line.name, line.key_id) != (key.name, key.id):
            continue
        seconds, signature, message = 0, line.data, checkpoint.text
        if key.kind == 4:
            seconds, signature = int.from_bytes(line.data[:8], "big"), line.data[8:]
            message = f"cosignature/v1\ntime {seconds}\n{checkpoint.text}"
        return seconds if ed25519_holds(key.public_key, signature, message.encode()) else -1
    return None


# --- The tree (RFC 6962, section 2.1) -------------------------------------------------------------------------------
def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\0" + leaf).digest()


def tree_root(hashes: list[bytes]) -> bytes:
    """Return the root of the tree over leaves with these hashes."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    level = list(hashes)
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\1" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]
