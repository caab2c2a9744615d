"""The Anatomy page: layers with their formulas, memory, the chapter's other networks, the code. Imports ui.base and nin."""
