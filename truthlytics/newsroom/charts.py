"""Small charts as the attributes of an SVG: no style, no script. Pure."""

from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 210, 40
# Left free at the edges, so that neither line nor dot is cut.
EDGE = 4
DAYS_BEFORE = 7


@dataclass(frozen=True, slots=True)
class Chart:
    """A number a day, oldest first; at least eight days, so that there is one a week before the last."""

    name: str
    days: tuple[tuple[date, int], ...]

    width = WIDTH
    height = HEIGHT

    @property
    def last(self) -> int:
        return self.days[-1][1]

    @property
    def week_before(self) -> int:
        return self.days[-1 - DAYS_BEFORE][1]

    @property
    def line(self) -> str:
        """`points` of a polyline."""
        return " ".join(f"{x:g},{y:g}" for x, y in self._points())

    @property
    def area(self) -> str:
        """`points` of what lies under it."""
        points = self._points()
        return f"{points[0][0]:g},{HEIGHT} {self.line} {points[-1][0]:g},{HEIGHT}"

    @property
    def dot(self) -> tuple[float, float]:
        return self._points()[-1]

    def _points(self) -> list[tuple[float, float]]:
        """From nought at the bottom to the highest at the top: a chart that begins elsewhere exaggerates."""
        highest = max(count for _, count in self.days) or 1
        step, rise = (WIDTH - 2 * EDGE) / (len(self.days) - 1), HEIGHT - 2 * EDGE
        return [
            (round(EDGE + place * step, 1), round(HEIGHT - EDGE - rise * count / highest, 1))
            for place, (_, count) in enumerate(self.days)
        ]


def share(part: int, whole: int) -> int:
    """`part` in hundredths of `whole`; at least one where there is any."""
    return max(1, round(100 * part / whole)) if part and whole else 0
