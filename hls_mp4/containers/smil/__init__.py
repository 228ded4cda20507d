"""Server manifests (.ism): SMIL 2.0 as mp4split and IIS write it."""
