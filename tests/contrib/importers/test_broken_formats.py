"""A format of a plug-in that fails ends an import with its name, and nothing else."""

from tests.truthlytics.test_broken_plugins import NAME, WAYS, TroubleCase
from truthlytics.contrib.importers.formats import import_formats
from truthlytics.contrib.importers.sources import Options, Source, UnreadableFile


class FormatTests(TroubleCase):
    def test_a_format_that_fails_is_named(self):
        self.config.import_formats = (("odd", "Odd", f"{NAME}.hooks.Odd"),)
        for name in ("__init__", "read"):
            for way, function in WAYS.items():
                if (name, way) == ("__init__", "nothing"):
                    continue
                read = {"read": lambda self: iter([3])} | {name: function}
                self.hooks.Odd = type("Odd", (Source,), {"__init__": lambda self, files, options: None} | read)
                with (
                    self.subTest(name, way=way),
                    self.assertLogs("truthlytics.contrib.importers.formats", "ERROR"),
                    self.assertRaisesMessage(UnreadableFile, f"The format “{NAME}.hooks.Odd” of a plug-in failed"),
                ):
                    list(import_formats()["odd"].parser([], Options()).read())
