"""What callers can ask, a file a subject."""
