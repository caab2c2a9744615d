"""What a network costs on this machine, measured: memory and time of real steps, each in a process of its own. Imports process and below."""
