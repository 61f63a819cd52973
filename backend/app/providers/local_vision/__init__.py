"""Vision by measurement: no model, no network, nothing guessed."""
