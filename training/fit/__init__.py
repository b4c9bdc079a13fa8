"""How each model is learned; ``models.scorers`` has a file of the same name that answers."""
