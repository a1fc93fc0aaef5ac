"""Small charts as SVG attributes, without styles or scripts. Pure."""

from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 210, 40
# Margin that keeps the line and the dot inside the image.
MARGIN = 4
WEEK = 7


@dataclass(frozen=True, slots=True)
class Chart:
    """A number per day, oldest first, for at least eight days."""

    name: str
    days: tuple[tuple[date, int], ...]

    width = WIDTH
    height = HEIGHT

    @property
    def last(self) -> int:
        return self.days[-1][1]

    @property
    def week_before(self) -> int:
        return self.days[-1 - WEEK][1]

    @property
    def line(self) -> str:
        """The `points` of a polyline."""
        return " ".join(f"{x:g},{y:g}" for x, y in self._points())

    @property
    def area(self) -> str:
        """The `points` of a polygon for the area under the line."""
        points = self._points()
        return f"{points[0][0]:g},{HEIGHT} {self.line} {points[-1][0]:g},{HEIGHT}"

    @property
    def dot(self) -> tuple[str, str]:
        """As text, since templates write numbers as the language does: `4,5` is no coordinate."""
        x, y = self._points()[-1]
        return f"{x:g}", f"{y:g}"

    def _points(self) -> list[tuple[float, float]]:
        """Return the points, with zero at the bottom and the highest number at the top."""
        highest = max(count for _, count in self.days) or 1
        step, height = (WIDTH - 2 * MARGIN) / (len(self.days) - 1), HEIGHT - 2 * MARGIN
        return [
            (round(MARGIN + index * step, 1), round(HEIGHT - MARGIN - height * count / highest, 1))
            for index, (_, count) in enumerate(self.days)
        ]


def share(part: int, whole: int) -> int:
    """Return `part` as a percentage of `whole`, at least 1 unless it is zero."""
    return max(1, round(100 * part / whole)) if part and whole else 0
