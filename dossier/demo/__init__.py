"""The demonstration company: generated, deterministic by seed, brought in through the imports."""
