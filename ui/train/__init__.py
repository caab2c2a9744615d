"""The sidebar, the live curves and the table of runs. Imports ui.base and nin."""
