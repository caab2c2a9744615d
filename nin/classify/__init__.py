"""From a picture as people have it to ten probabilities, or to "none of the ten". Imports explain's maps, engine, storage, data, model."""
