"""The chapter's questions as sets of runs: described, planned, conducted through the ordinary queue, kept. Imports anatomy, process and below."""
