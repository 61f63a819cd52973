"""Media files: probing, decoding, encoding, mixing, stitching and measuring, all on PyAV. Knows nothing of ads."""
