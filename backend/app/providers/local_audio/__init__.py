"""The local composer: a seeded music bed made of numpy, cut to the ad. No samples, no network."""
