"""How a study's data are read, and warnings about them: behind `proctor data`."""
