"""The Layers page: one item's way through every stage of the network. Imports ui.base and nin."""
