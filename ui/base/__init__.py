"""What the pages share: words, components, the current item, weights, the live timer. Imports nin."""
