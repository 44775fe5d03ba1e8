"""Sections become one document, and the document becomes HTML and PDF."""
