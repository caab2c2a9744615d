"""The Classify page: bring a picture, see the answer, see why. Imports ui.base and nin."""
