"""Pictures of models, conversion of weights, helpers for tests: built on the library, used by none of it."""
