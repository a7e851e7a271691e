"""What predictions are judged by, and the class that they are labelled with."""
