"""What a visitor sees before anything is trained: the network with an item in it, a stored run, one large Start.

Imports ui.train, ui.layers, ui.classify and what these stand on.
"""
