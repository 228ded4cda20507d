"""Adobe HTTP Dynamic Streaming: manifests, and fragments of FLV tags made of the film itself."""
