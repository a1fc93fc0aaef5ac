"""Generic web code without domain terms. It imports no app and no feature."""
