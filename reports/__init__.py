"""What people read: pages and messages, all from the same facts. No number is computed here."""
