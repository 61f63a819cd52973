"""The image port over Replicate: reference images and keyframes, bought one at a time."""
