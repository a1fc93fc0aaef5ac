"""Import articles: a parser per format yields records, and one writer stores them (docs/importing.md).

`readers` imports lists of readers. They may import the apps, `audit` and `newsletters`, but no other feature. A parser
of a format imports no parser of another one.
"""
