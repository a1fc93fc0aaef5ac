"""Serve files with support for byte ranges (RFC 9110, section 14), so that players can seek."""

import re
from collections.abc import Iterator
from typing import IO, Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.cache import get_conditional_response

CHUNK_SIZE = 64 * 1024
_SINGLE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def file_response(request: HttpRequest, file: IO[bytes], *, size: int, etag: str, content_type: str) -> Any:
    """Respond with `file` of `size` bytes, or with the requested part of it.

    Requests for several ranges get the whole file. The status is 416 for a range beyond the end of the file, 304 if
    the client's copy with `etag` is current.
    """
    headers = {"ETag": etag, "Accept-Ranges": "bytes", "Content-Type": content_type}
    if (not_modified := get_conditional_response(request, etag=etag)) is not None:
        file.close()
        not_modified.headers["ETag"] = etag
        return not_modified
    byte_range = _requested_range(request, size, etag)
    if byte_range is not None and byte_range[0] >= size:
        file.close()
        return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    first, last = byte_range or (0, size - 1)
    response = StreamingHttpResponse(_FilePart(file, first, last - first + 1), headers=headers)
    response.headers["Content-Length"] = str(last - first + 1)
    if byte_range is not None:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _requested_range(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """Return the first and last byte, or None for the whole file (also if If-Range names another version)."""
    match = _SINGLE_RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if match is None or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = match.groups()
    if first:
        end = min(int(last), size - 1) if last else size - 1
        # A range that ends before it begins is invalid and ignored.
        return None if last and int(last) < int(first) else (int(first), end)
    return (max(0, size - int(last)), size - 1) if last and int(last) else None


class _FilePart:
    """`length` bytes of `file` starting at `first`, in chunks. Closed with the response."""

    def __init__(self, file: IO[bytes], first: int, length: int) -> None:
        self.file, self.first, self.length = file, first, length

    def __iter__(self) -> Iterator[bytes]:
        self.file.seek(self.first)
        remaining = self.length
        while remaining and (chunk := self.file.read(min(CHUNK_SIZE, remaining))):
            remaining -= len(chunk)
            yield chunk

    def close(self) -> None:
        self.file.close()
