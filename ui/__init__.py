"""What the pages share: shell and sidebar, session state, charts, canvas, words."""
