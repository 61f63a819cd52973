"""The embedded scorer: measures a video on this machine's CPU and says what is wrong with it. No network, no torch."""
