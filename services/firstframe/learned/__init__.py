"""Learned pipelines: diffusers pipelines whose heavy modules run behind the `Inference` port."""
