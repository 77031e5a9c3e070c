"""Many people at work at once, and the program killed under their hands: `make load`, see bench/README.md."""
