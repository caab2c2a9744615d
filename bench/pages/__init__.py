"""How long the pages let people wait, measured in a real browser."""
