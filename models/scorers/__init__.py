"""How each fitted model answers; ``training.fit`` has a file of the same name that learns it."""
