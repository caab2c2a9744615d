"""What is wrong with a run or with weights, said in a terminal."""

from __future__ import annotations

from nin.training.diagnosis import Diagnosis
from nin.training.records import loss_text

_NOW = {
    "guessing": "the network only guesses",
    "exploded": "the loss has not come down since",
    "not-a-number": "the weights are of no use",
    "learning": "it has recovered",
}


def verdict(found: Diagnosis) -> str:
    """One line: what happened, when, and what the network does now."""
    match found.what:
        case "exploded" if found.loss is None:
            what = f"the loss was no longer a number at step {found.step}"
        case "exploded":
            what = f"the loss exploded at step {found.step} (up to {loss_text(found.loss, '.3g')})"
        case "forgot":
            what = f"the loss went back up to a guess's, ln 10, around step {found.step}"
        case "short":
            what = f"{found.steps} step{' was' if found.steps == 1 else 's were'} too few to learn anything"
        case _:
            what = f"the loss never left a guess's, ln 10, in {found.steps} steps"
    if found.change is not None:
        what += f", after the learning rate was raised from {found.change.before:g} to {found.change.after:g}"
    return f"{what}; {_NOW[found.now]}"
