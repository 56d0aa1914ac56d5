"""What the machine is: heap, compiler, compile cache, interrupts. Nothing here knows of Keras."""
