"""SQLite knows the capitals of plain letters only: what is looked for there as "élections" would miss "Élections"."""

from typing import Any

from django.db.models import CharField, TextField
from django.db.models.lookups import IContains


@CharField.register_lookup
@TextField.register_lookup
class HoldsInAnyCase(IContains):
    """`icontains`, on SQLite for a word of other letters too: as typed, in small letters, with a capital in front.

    More ways would find no more in practice, and each costs a look through all rows.
    """

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        word = self.rhs
        if not isinstance(word, str) or word.isascii():
            return super().as_sql(compiler, connection)
        ways = dict.fromkeys([word, word.lower(), word.capitalize()])
        made = [IContains(self.lhs, way).as_sql(compiler, connection) for way in ways]
        return f"({' OR '.join(sql for sql, _ in made)})", [value for _, values in made for value in values]
