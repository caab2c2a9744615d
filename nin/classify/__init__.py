"""From a picture as people have it to ten probabilities, or to "none of the ten". Imports storage and what lies below it."""
