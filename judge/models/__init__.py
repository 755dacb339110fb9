"""Models and how they are asked: files pinned by hash, local models, hosted models, and one cache of replies for all of them."""
