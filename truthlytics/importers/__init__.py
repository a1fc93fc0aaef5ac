"""Import articles: a reader per format yields records, and one writer stores them (docs/importing.md)."""
