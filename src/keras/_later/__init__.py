"""What later versions of Keras added, each part imported when a program asks for it (`_spelling.later`)."""
