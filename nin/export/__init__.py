"""A run taken away: its weights in other forms, a script that classifies with them, a card, ONNX, event files. Imports classify, script and below."""
