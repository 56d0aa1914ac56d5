"""The machine: heap, compiler options, compile cache, interrupts. Nothing here depends on Keras."""
