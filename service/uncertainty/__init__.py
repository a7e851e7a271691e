"""How far a figure may be off for want of examples, where some examples came together."""
