"""What the machine is: heap, compiler, compile cache, interrupts; nothing of Keras."""
