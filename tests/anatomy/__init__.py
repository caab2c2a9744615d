"""How memory and time are measured."""
