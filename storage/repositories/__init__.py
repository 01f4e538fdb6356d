"""One file per noun: what may be written, and how it is read back. Every repository lives in one transaction."""
