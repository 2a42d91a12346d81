"""Turn references into scikit-learn's own documentation into plain text.

Methods inherited from scikit-learn refer to labels of its site, which this one
does not have.
"""

import re

_REFERENCE = re.compile(r":(?:ref|term):`([^`<]+?)\s*(?:<[^`>]+>)?`", re.DOTALL)
_EXAMPLE = re.compile(r":ref:`sphx_glr_[^`<]+`")


def _plain(app, what, name, docstring_of, options, lines):
    source = getattr(docstring_of, "__module__", None) or ""
    if source.startswith("sklearn."):
        text = _EXAMPLE.sub("scikit-learn's gallery", "\n".join(lines))
        text = _REFERENCE.sub(r"\1", text)
        lines[:] = text.split("\n")


def setup(app):
    """Register the substitution."""
    app.connect("autodoc-process-docstring", _plain, priority=0)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
