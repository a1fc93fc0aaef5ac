"""Import articles: a reader per format yields records, and one writer stores them (docs/importing.md).

They may import the apps and `audit`, but no other feature. A reader of a format imports no reader of another one.
"""
