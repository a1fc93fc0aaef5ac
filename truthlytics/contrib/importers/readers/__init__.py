"""Import lists of readers (docs/moving-in.md): their accounts, newsletters, and complimentary or paid access."""

from truthlytics.contrib.importers.readers.lists import read_lists
from truthlytics.contrib.importers.readers.records import ListedContract, ListedReader

__all__ = ["ListedContract", "ListedReader", "read_lists"]
