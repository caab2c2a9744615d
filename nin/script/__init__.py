"""A network and its recipe written out as one PyTorch script that needs nothing of this project. Imports training and below."""
