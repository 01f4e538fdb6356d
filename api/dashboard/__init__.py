"""Pages for people, rendered here: no build step, nothing loaded from elsewhere, readable without scripts."""
