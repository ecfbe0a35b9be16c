"""Fetching files: from hubs over HTTP, from buckets, folders, and package registries through their own clients."""
