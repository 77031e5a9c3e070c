"""Another program put through the same work beside this one: `make bench-peers`."""
