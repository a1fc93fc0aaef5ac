"""Load HTML templates without indentation and blank lines, which make up a twentieth of a compressed page."""

import re
from pathlib import Path

from django.template import Origin
from django.template.loaders import filesystem
from django.template.utils import get_app_template_dirs

_LINE_BREAK = re.compile(r"\s*\n\s*")
# A line with only these tags would leave a blank line.
_SILENT = "if|elif|else|endif|for|empty|endfor|with|endwith|load|extends|fragment|endfragment"
_SILENT_LINE = re.compile(rf"^((?:{{%[ ](?:{_SILENT})\b[^\n]*?%}}|{{#[^\n]*?\#}})+)\n", re.MULTILINE)


class CompactLoader(filesystem.Loader):
    """Loads from the project's folder, then from the apps.

    In the project's HTML templates, line breaks lose the whitespace around them, and lines with only template tags
    leave no blank line. Browsers render both alike. Templates of apps are not changed, because whitespace is part of
    their translatable texts.
    """

    def get_dirs(self) -> list[str | Path]:
        return [*map(Path, self.engine.dirs), *get_app_template_dirs("templates")]

    def get_contents(self, origin: Origin) -> str:
        contents = str(super().get_contents(origin))
        path = Path(origin.name)
        is_own = path.suffix == ".html" and any(path.is_relative_to(folder) for folder in self.engine.dirs)
        return _SILENT_LINE.sub(r"\1", _LINE_BREAK.sub("\n", contents)) if is_own else contents
