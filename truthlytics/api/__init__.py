"""What addresses of the API are declared with. The feature `truthlytics.contrib.api` includes and answers them."""
