"""What comes in many at a time: uploaded files, the sample set; later the collectors' records."""
