"""Intent by a sentence encoder: optional, offline, and never an approval."""
