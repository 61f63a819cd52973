"""The video port over Replicate: Veo clips, planned, ordered once, and finished on this machine."""
