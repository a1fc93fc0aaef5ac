"""Putting the certificates of a time stamp into the order that strict parsers demand."""

from collections.abc import Iterator

CERTIFICATES = 0xA0


def with_sorted_certificates(response: bytes) -> bytes:
    """Return an answer of an authority with its certificates in the order of DER.

    Some authorities send them, with their root, in another order. The signature does not cover it. What is no such
    answer is returned as it is.
    """
    try:
        # TimeStampResp, its token, and the SignedData in that.
        start, end = _content(response, 0)
        _status, token = list(_elements(response, start, end))[:2]
        _type, wrapped = list(_elements(response, *_content(response, token[0])))[:2]
        ((signed, _end),) = list(_elements(response, *_content(response, wrapped[0])))
        for place, _end in _elements(response, *_content(response, signed)):
            if response[place] == CERTIFICATES:
                start, end = _content(response, place)
                parts = sorted(response[first:last] for first, last in _elements(response, start, end))
                return response[:start] + b"".join(parts) + response[end:]
    except (IndexError, ValueError):
        pass
    return response


def _content(data: bytes, place: int) -> tuple[int, int]:
    """Return where the content of the element at `place` begins and ends. Raises IndexError or ValueError."""
    length, start = data[place + 1], place + 2
    if length & 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(data[start : start + size], "big"), start + size
    if start + length > len(data):
        raise ValueError("The element is cut off.")
    return start, start + length


def _elements(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where each element between `start` and `end` begins and ends."""
    while start < end:
        _first, last = _content(data, start)
        yield start, last
        start = last
