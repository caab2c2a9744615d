"""The Experiments page: the chapter's exercises and one's own, run, watched, and compared with what was found here. Imports base and nin."""
