"""Figures and screenshots: the pictures in them, each as the 28x28 that it shows. Imports nin.data and nin.classify.findings."""
