"""The report as a file that people read, print and pass on."""
