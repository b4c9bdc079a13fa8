"""Takes down what customers do: once each, and before they are told that it was taken."""
