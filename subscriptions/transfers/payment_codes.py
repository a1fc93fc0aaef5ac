"""QR codes that fill in a transfer in banking apps (EPC069-12, version 002; GiroCode in Germany and Austria)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from itertools import groupby
from typing import Any

from subscriptions.money import Money
from truthlytics.web.bank_accounts import compact
from truthlytics.web.lazy_import import LazyModule

# In characters.
LONGEST_NAME, LONGEST_REFERENCE = 70, 140
MAX_MINOR = 999_999_999_99
# The largest symbol that the standard allows.
MAX_VERSION = 13
# White modules around the symbol, without which scanners do not find it.
QUIET_ZONE = 4
PIXELS_PER_MODULE = 6

# Loads Pillow for the PNG.
qrcode = LazyModule("qrcode")


def payload(*, holder: str, iban: str, bic: str, amount: Money, reference: str) -> str:
    """Return the text of the code, or "" if the standard has none for it: it is for euros, from 0.01 on.

    The lines are: service tag, version, character set (1 is UTF-8), kind, BIC, holder, IBAN, amount, purpose,
    structured reference and unstructured reference.
    """
    if amount.currency != "EUR" or not 0 < amount.minor <= MAX_MINOR or not holder or not iban:
        return ""
    sum_in_euros = f"EUR{amount.minor // 100}.{amount.minor % 100:02d}"
    name, text = " ".join(holder.split())[:LONGEST_NAME].strip(), reference[:LONGEST_REFERENCE]
    return "\n".join(["BCD", "002", "1", "SCT", compact(bic), name, compact(iban), sum_in_euros, "", "", text])


@dataclass(frozen=True)
class PaymentCode:
    text: str

    @cached_property
    def _symbol(self) -> Any:
        symbol = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, box_size=PIXELS_PER_MODULE, border=QUIET_ZONE)
        symbol.add_data(self.text.encode(), optimize=0)
        symbol.make(fit=True)
        if symbol.version > MAX_VERSION:
            raise ValueError(f"The code would need version {symbol.version}.")
        return symbol

    @cached_property
    def rows(self) -> list[list[bool]]:
        """The modules, True for black, with the quiet zone."""
        rows: list[list[bool]] = self._symbol.get_matrix()
        return rows

    @property
    def size(self) -> int:
        """The number of modules on each side."""
        return len(self.rows)

    @property
    def path(self) -> str:
        """The black modules as the `d` of an SVG path, one unit each."""
        return "".join(f"M{x} {y}h{width}v1h-{width}z" for x, y, width in self._runs())

    def _runs(self) -> Iterator[tuple[int, int, int]]:
        for y, row in enumerate(self.rows):
            x = 0
            for is_black, run in groupby(row):
                width = len(list(run))
                if is_black:
                    yield x, y, width
                x += width

    def png(self) -> bytes:
        output = BytesIO()
        self._symbol.make_image().save(output, format="PNG", optimize=True)
        return output.getvalue()
