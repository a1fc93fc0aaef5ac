"""Import lists of readers: a format yields rows, and one writer completes accounts, consent and access from them."""
