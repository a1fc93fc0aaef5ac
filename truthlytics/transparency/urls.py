from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import URLPattern, path, register_converter

from truthlytics.transparency import views
from truthlytics.transparency.timestamps import views as timestamps
from truthlytics.transparency.witnesses import views as witnesses


class TileIndexConverter:
    """The number of a tile in groups of three digits, all but the last behind an “x”: x001/x234/067 is 1234067."""

    regex = r"(?:x[0-9]{3}/){0,5}[0-9]{3}"

    def to_python(self, value: str) -> int:
        index = int(value.replace("x", "").replace("/", ""))
        if self.to_url(index) != value:
            raise ValueError("Superfluous zeros.")
        return index

    def to_url(self, value: int) -> str:
        groups = f"{value:,}".split(",")
        digits = [group.zfill(3) for group in groups]
        return "/".join([*(f"x{group}" for group in digits[:-1]), digits[-1]])


class TileLevelConverter:
    regex = "[0-9]|[1-5][0-9]|6[0-3]"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


class TileWidthConverter(TileLevelConverter):
    """How many hashes or entries a tile has that is not full: 1 to 255."""

    regex = "[1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]"


class LogNumberConverter(TileLevelConverter):
    """The number of a log that continues another one. The first has none in its address."""

    regex = "[2-9]|[1-9][0-9]{1,3}"


register_converter(TileIndexConverter, "tile_index")
register_converter(TileLevelConverter, "tile_level")
register_converter(TileWidthConverter, "tile_width")
register_converter(LogNumberConverter, "log_number")


def paths(route: str, view: Callable[..., HttpResponseBase], name: str) -> list[URLPattern]:
    """Return the addresses of a file of the first log, and of later ones."""
    return [path(f"log/{route}", view, name=name), path(f"log-<log_number:number>/{route}", view, name=name)]


app_name = "transparency"
urlpatterns = [
    path("", views.record, name="record"),
    path("verify.py", views.script, name="script"),
    *paths("checkpoint", views.checkpoint, "checkpoint"),
    *paths("tile/<tile_level:level>/<tile_index:index>", views.tile, "tile"),
    *paths("tile/<tile_level:level>/<tile_index:index>.p/<tile_width:width>", views.tile, "tile"),
    *paths("tile/entries/<tile_index:index>", views.entries, "entries"),
    *paths("tile/entries/<tile_index:index>.p/<tile_width:width>", views.entries, "entries"),
    *paths("timestamps/<int:size>/checkpoint", timestamps.checkpoint, "stamped_checkpoint"),
    *paths("timestamps/<int:size>/<int:authority>.tsr", timestamps.response, "timestamp"),
    path("witness/add-checkpoint", witnesses.add_checkpoint, name="add_checkpoint"),
    path("witness/refusals/<int:pk>", witnesses.refusal, name="refusal"),
]
