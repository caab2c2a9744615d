"""What a page shows, said in a few sentences, and a tour through the app that the visitor walks. Imports layers, train and base."""
