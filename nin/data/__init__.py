"""Fashion-MNIST and the drawings: where they are, what is in them, how they are augmented. Imports storage and what lies below it."""
