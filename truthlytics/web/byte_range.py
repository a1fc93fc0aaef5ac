"""Files sent whole or in part (RFC 9110, section 14): who listens can go to any place without waiting for it."""

import re
from collections.abc import Iterator
from typing import IO, Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.cache import get_conditional_response

CHUNK = 64 * 1024
_ONE_SPAN = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def send(request: HttpRequest, file: IO[bytes], *, size: int, etag: str, kind: str) -> Any:
    """`file` of `size` bytes, or the one span of it that is asked for. What is no single span is answered whole.

    416 for a span that begins behind the end; 304 where the copy with `etag` is still good.
    """
    headers = {"ETag": etag, "Accept-Ranges": "bytes", "Content-Type": kind}
    if (unchanged := get_conditional_response(request, etag=etag)) is not None:
        file.close()
        unchanged.headers["ETag"] = etag
        return unchanged
    span = _asked(request, size, etag)
    if span is not None and span[0] >= size:
        file.close()
        return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    first, last = span or (0, size - 1)
    response = StreamingHttpResponse(_Span(file, first, last - first + 1), headers=headers)
    response.headers["Content-Length"] = str(last - first + 1)
    if span is not None:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _asked(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """First and last byte; None for all of it, also where the copy that the reader has a part of is another one."""
    found = _ONE_SPAN.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if found is None or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = found.groups()
    if first:
        end = min(int(last), size - 1) if last else size - 1
        # A span that ends before it begins is none (an unknown end behind the file's is another matter).
        return None if last and int(last) < int(first) else (int(first), end)
    return (max(0, size - int(last)), size - 1) if last and int(last) else None


class _Span:
    """`length` bytes of `file` from `first` on, in chunks; closed with the response, whether or not it was read."""

    def __init__(self, file: IO[bytes], first: int, length: int) -> None:
        self.file, self.first, self.length = file, first, length

    def __iter__(self) -> Iterator[bytes]:
        self.file.seek(self.first)
        left = self.length
        while left and (chunk := self.file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self.file.close()
