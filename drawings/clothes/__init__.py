"""How each kind of clothing is drawn. Imports drawings.shapes."""
