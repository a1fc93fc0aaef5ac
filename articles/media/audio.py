"""Validation of audio recordings: format by content, not by file name, and duration."""

import hashlib
import io
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from truthlytics.web.lazy_import import LazyModule

if TYPE_CHECKING:
    import tinytag
else:
    tinytag = LazyModule("tinytag")

MAX_BYTES = 30 * 1024 * 1024
# RFC 3003, 4337 and 7845; WAV has no registered type.
CONTENT_TYPES = {"mp3": "audio/mpeg", "m4a": "audio/mp4", "ogg": "audio/ogg", "opus": "audio/ogg", "wav": "audio/wav"}
_MP4_BRANDS = {b"M4A ", b"M4B ", b"mp41", b"mp42", b"isom", b"iso2", b"dash"}
UNKNOWN = gettext_lazy("Not an MP3, M4A, Ogg, Opus or WAV recording.")
DAMAGED = gettext_lazy("This recording is damaged or incomplete. Export it again and upload the new file.")


@dataclass(frozen=True, slots=True)
class AudioFileInfo:
    """`seconds` is rounded and at least 1; `size` is in bytes."""

    format: str
    seconds: int
    size: int
    sha256: str


def inspect_audio(file: IO[bytes]) -> AudioFileInfo:
    """Return the format, duration, size and digest of a recording. Raises ValidationError if it is not accepted."""
    size = file.seek(0, io.SEEK_END)
    if size > MAX_BYTES:
        raise ValidationError(_("This file is larger than 30 MB. Export it at a lower bit rate."), code="too_large")
    file.seek(0)
    audio_format = _detect_format(file.read(128))
    if audio_format is None:
        raise ValidationError(UNKNOWN, code="unknown_format")
    file.seek(0)
    digest = hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
    seconds = _duration(file, audio_format)
    file.seek(0)
    return AudioFileInfo(audio_format, seconds, size, digest)


def _detect_format(start: bytes) -> str | None:
    if start[4:8] == b"ftyp" and start[8:12] in _MP4_BRANDS:
        return "m4a"
    if start[:4] == b"RIFF" and start[8:12] == b"WAVE":
        return "wav"
    if start[:4] == b"OggS":
        return "opus" if b"OpusHead" in start else "ogg" if b"\x01vorbis" in start else None
    # An MPEG layer III frame header (eleven sync bits), or the ID3 tags before the first frame.
    frame = len(start) > 1 and start[0] == 0xFF and start[1] & 0xE6 == 0xE2
    return "mp3" if frame or start[:3] == b"ID3" else None


def _duration(file: IO[bytes], audio_format: str) -> int:
    file.seek(0)
    try:
        seconds = tinytag.TinyTag.get(f"recording.{audio_format}", file_obj=cast(Any, file), tags=False).duration
    # Damaged files raise all kinds of exceptions.
    except Exception as error:
        raise ValidationError(DAMAGED, code="damaged") from error
    if not seconds or not 0 < seconds < 24 * 3600:
        raise ValidationError(DAMAGED, code="damaged")
    return max(1, round(seconds))
