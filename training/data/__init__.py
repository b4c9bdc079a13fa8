"""Rows in: purchases, items and customers, read, checked and made ready to learn from."""
