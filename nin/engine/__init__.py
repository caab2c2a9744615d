"""How a step is computed fast on this device, proved equal to the plain network. Imports storage, data and model."""
