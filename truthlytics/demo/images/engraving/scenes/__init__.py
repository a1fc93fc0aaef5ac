"""The scenes by name, most important first."""

from importlib import import_module

NAMES = (
    "queue",
    "talks",
    "docks",
    "map",
    "poll",
    "ward",
    "valley",
    "ferry",
    "count",
    "rent",
    "files",
    "well",
    "drawer",
    "board",
    "dam",
    "gauge",
    "chamber",
    "envelope",
    "siren",
    "tram",
    "waiting",
    "library",
)
SCENES = {name: import_module(f".{name}", __name__).draw for name in NAMES}
