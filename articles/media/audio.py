"""Recordings: what a file is, by its first bytes and its own count of its length, whatever it is called."""

import hashlib
import io
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, cast

from django.core.exceptions import ValidationError

from truthlytics.web.lazy_import import Later

if TYPE_CHECKING:
    import tinytag
else:
    tinytag = Later("tinytag")

MAX_BYTES = 30 * 1024 * 1024
# What each is called on the wire (RFC 3003, 4337, 7845; WAV has no registered name).
TYPES = {"mp3": "audio/mpeg", "m4a": "audio/mp4", "ogg": "audio/ogg", "opus": "audio/ogg", "wav": "audio/wav"}
_BRANDS = {b"M4A ", b"M4B ", b"mp41", b"mp42", b"isom", b"iso2", b"dash"}
UNKNOWN = "This is no MP3, M4A, Ogg, Opus or WAV recording."
DAMAGED = "This recording is damaged or was cut off. Save it again and try once more."


@dataclass(frozen=True, slots=True)
class Facts:
    """`seconds` is rounded and at least one."""

    format: str
    seconds: int
    size: int
    sha256: str


def facts(file: IO[bytes]) -> Facts:
    """What a recording is. Raises ValidationError with the reason why it is refused."""
    size = file.seek(0, io.SEEK_END)
    if size > MAX_BYTES:
        raise ValidationError("This file is larger than 30 MB. Save it at fewer kilobits a second.", code="too_large")
    file.seek(0)
    kind = _kind(file.read(128))
    if kind is None:
        raise ValidationError(UNKNOWN, code="unknown_format")
    file.seek(0)
    digest = hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
    seconds = _seconds(file, kind)
    file.seek(0)
    return Facts(kind, seconds, size, digest)


def _kind(start: bytes) -> str | None:
    if start[4:8] == b"ftyp" and start[8:12] in _BRANDS:
        return "m4a"
    if start[:4] == b"RIFF" and start[8:12] == b"WAVE":
        return "wav"
    if start[:4] == b"OggS":
        return "opus" if b"OpusHead" in start else "ogg" if b"\x01vorbis" in start else None
    # Eleven bits of one and layer III, or the tags that stand before the first of such frames.
    frame = len(start) > 1 and start[0] == 0xFF and start[1] & 0xE6 == 0xE2
    return "mp3" if frame or start[:3] == b"ID3" else None


def _seconds(file: IO[bytes], kind: str) -> int:
    file.seek(0)
    try:
        length = tinytag.TinyTag.get(f"recording.{kind}", file_obj=cast(Any, file), tags=False).duration
    # A damaged file fails in as many ways as there are bytes.
    except Exception as error:
        raise ValidationError(DAMAGED, code="damaged") from error
    if not length or not 0 < length < 24 * 3600:
        raise ValidationError(DAMAGED, code="damaged")
    return max(1, round(length))
