"""What was understood of a study's data, and what to see to in them: behind `proctor data`."""
