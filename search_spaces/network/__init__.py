"""Points and spaces of the network."""
