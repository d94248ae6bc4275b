"""Maps of a paper cluster: the same data as a tree, JSON, Mermaid, DOT or one self-contained HTML page."""
