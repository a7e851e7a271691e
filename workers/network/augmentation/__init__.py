"""Train batches changed at random: noise, mixup, and for images shift, rotation, zoom, crop and flip."""
