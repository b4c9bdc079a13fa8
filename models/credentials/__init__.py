"""Who may call: the keys of the interface, and the tokens of customers."""
