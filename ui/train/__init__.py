"""The sidebar, the two charts that follow a run, and the table of runs. Imports ui.charts, ui.base and nin."""
