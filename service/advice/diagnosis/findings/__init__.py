"""What a whole search shows beyond chance, a file for each kind of finding."""
