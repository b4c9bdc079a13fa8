"""What a customer is worth, needs and feels: the words for it, and the rules that name it."""
