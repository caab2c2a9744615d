"""How fast and how well it trains, measured against the usual loop and the hardware's limits."""
