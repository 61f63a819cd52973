"""Image measurement on arrays: colour, plain backgrounds, cut-outs. Public face: app/kit/images.py."""
