"""WHERE THEY LOOK: the Home tab for every role."""
