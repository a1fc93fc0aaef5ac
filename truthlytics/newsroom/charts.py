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


BAR, GAP, BARS_HEIGHT = 10, 4, 100


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar for each of `values`, and with `below` another one under the base line."""

    values: tuple[int, ...]
    below: tuple[int, ...] = ()

    height = BARS_HEIGHT

    @property
    def width(self) -> int:
        return len(self.values) * (BAR + GAP)

    @property
    def base(self) -> str:
        """The height of the base line as text; see `Chart.dot`."""
        return f"{self._scaled(self._highest()):g}"

    @property
    def rectangles(self) -> list[dict[str, str | bool]]:
        """The attributes of each bar, and whether it is under the base line."""
        base = self._scaled(self._highest())
        pairs = [(index, value) for index, value in enumerate(self.values) if value]
        pairs += [(index, -value) for index, value in enumerate(self.below) if value]
        return [
            {
                "x": f"{index * (BAR + GAP) + GAP / 2:g}",
                "y": f"{base - max(self._scaled(value), 0):g}",
                "width": f"{BAR}",
                "height": f"{abs(self._scaled(value)):g}",
                "is_below": value < 0,
            }
            for index, value in pairs
        ]

    def _highest(self) -> int:
        return max([0, *self.values])

    def _scaled(self, value: int) -> float:
        lowest = min([0, *self.values, *(-value for value in self.below)])
        return round(BARS_HEIGHT * value / (self._highest() - lowest or 1), 2)


@dataclass(frozen=True, slots=True)
class Stack:
    """Bars made of parts that lie on each other: `bars` has the parts of each, from the bottom up."""

    bars: tuple[tuple[int, ...], ...]

    height = BARS_HEIGHT

    @property
    def width(self) -> int:
        return len(self.bars) * (BAR + GAP)

    @property
    def highest(self) -> int:
        return max((sum(parts) for parts in self.bars), default=0)

    @property
    def rectangles(self) -> list[dict[str, str | int]]:
        """The attributes of each part, and which one of its bar it is, counted from 1."""
        scale = BARS_HEIGHT / (self.highest or 1)
        return [
            {
                "x": f"{index * (BAR + GAP) + GAP / 2:g}",
                "y": f"{round(BARS_HEIGHT - scale * sum(parts[:number]), 2):g}",
                "width": f"{BAR}",
                "height": f"{round(scale * parts[number - 1], 2):g}",
                "part": number,
            }
            for index, parts in enumerate(self.bars)
            for number in range(1, len(parts) + 1)
            if parts[number - 1]
        ]
