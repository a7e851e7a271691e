"""The winner: trained again, measured, held against noise, and taken away as a model."""
