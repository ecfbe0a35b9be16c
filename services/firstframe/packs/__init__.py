"""Model packs: what they are, where they come from, how they become graphs that are served."""
