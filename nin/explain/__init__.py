"""What the network makes of one image: activations, class maps, single values, ablations, neighbours. Imports engine and below."""
