"""The crash matrix: real processes that die, a store that dies, providers that misbehave, and an oracle that counts."""
