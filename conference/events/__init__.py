"""The shared language: frozen dataclasses in the past tense, one module per source."""
