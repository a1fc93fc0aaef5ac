"""Messages and tips from readers. It may import `audit`, but no app and no other feature."""
