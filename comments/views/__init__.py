from .reading import comment
from .reporting import report
from .writing import edit, keep, write

__all__ = ["comment", "edit", "keep", "report", "write"]
