"""The script that is written out."""
