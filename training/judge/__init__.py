"""How good the lists are, and whether they are good enough to be served."""
