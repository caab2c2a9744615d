"""The command line: arguments in, text or JSON out. Imports everything else of nin."""
