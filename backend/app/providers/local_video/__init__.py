"""The local video provider: AdMint's own motion-graphics renderer. No network, no system library, no GPU."""
