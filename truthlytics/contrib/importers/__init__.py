"""Import articles: a reader per format yields records, and one writer stores them (docs/importing.md).

`readers` imports lists of readers. They may import the apps, `audit` and `newsletters`, but no other feature. A reader
of a format imports no reader of another one.
"""
