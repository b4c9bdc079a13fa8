"""Bytes and keys: what the trainer writes and the server reads."""
