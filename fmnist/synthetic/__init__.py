"""Pictures made from the training images: copies, drawings, things that are no clothing."""
