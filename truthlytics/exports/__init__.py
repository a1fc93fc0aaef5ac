"""What the files of an export are declared with. The feature `truthlytics.contrib.exports` writes and reads them."""
