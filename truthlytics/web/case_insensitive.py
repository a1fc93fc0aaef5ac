"""Make `icontains` work for non-ASCII letters on SQLite, where LIKE ignores case only for ASCII."""

from collections.abc import Sequence

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, TextField
from django.db.models.lookups import IContains
from django.db.models.sql.compiler import SQLCompiler


@CharField.register_lookup
@TextField.register_lookup
class CaseInsensitiveContains(IContains):
    """`icontains` that on SQLite also tries a non-ASCII word in lower case and capitalised.

    Other spellings are rare, and each costs another scan of the table.
    """

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Sequence[object]]:
        word = self.rhs
        if not isinstance(word, str) or word.isascii():
            return super().as_sql(compiler, connection)
        spellings = dict.fromkeys([word, word.lower(), word.capitalize()])
        clauses = [IContains(self.lhs, spelling).as_sql(compiler, connection) for spelling in spellings]
        return f"({' OR '.join(sql for sql, _ in clauses)})", [value for _, params in clauses for value in params]
