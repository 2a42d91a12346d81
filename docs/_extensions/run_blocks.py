"""Run the Python blocks of a page, and show what they print and draw below them.

The blocks of a page share one namespace, as they would in a reader's session. A block
that fails, or warns, ends the build. A block of the class "hidden" shows only what it
does.
"""

import contextlib
import io
import warnings
from fnmatch import fnmatch
from pathlib import Path

import figures
from docutils import nodes
from matplotlib import pyplot
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform


class RunBlocks(SphinxTransform):
    """Insert the output of each block after it."""

    # Before Sphinx collects the images of a page.
    default_priority = 500

    def apply(self, **kwargs):
        """Run the blocks of the page, if it is one of those to run."""
        page = self.env.docname
        blocks = list(self.document.findall(nodes.literal_block))
        if any(fnmatch(page, pattern) for pattern in self.config.run_blocks_pages):
            self._run_all([b for b in blocks if b.get("language") == "python"], page)
        for block in blocks:
            if "hidden" in block["classes"]:
                block.parent.remove(block)

    def _run_all(self, blocks, page):
        """Run blocks in one namespace, and insert what each shows after it."""
        figures.use_style()
        namespace = {"__name__": page.rpartition("/")[2]}
        for number, block in enumerate(blocks, start=1):
            printed = self._run(block, f"{page}, block {number}", namespace)
            shown = [_output(printed)] if printed.strip() else []
            shown += self._draw(f"{page.replace('/', '-')}-{number}")
            block.parent.insert(block.parent.index(block) + 1, shown)

    def _run(self, block, name, namespace):
        """Run a block, and return what it prints."""
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed), warnings.catch_warnings():
                warnings.simplefilter("error", UserWarning)
                exec(compile(block.astext(), name, "exec"), namespace)
        except Exception as error:
            raise ExtensionError(f"{name}: {error!r}", error, "run_blocks") from error
        return printed.getvalue()

    def _draw(self, name):
        """Save the open figures, close them, and return their nodes."""
        folder = Path(self.env.srcdir) / "generated" / "figures"
        folder.mkdir(parents=True, exist_ok=True)
        images = []
        for number, figure in enumerate(figures.open_figures(), start=1):
            paths = [folder / f"{name}-{number}-{mode}.svg" for mode in _MODES]
            figures.save_both(figure, *paths)
            images += [
                nodes.image(
                    uri=f"/generated/figures/{path.name}",
                    alt=figures.describe(figure),
                    classes=["drawn", f"only-{mode}"],
                )
                for path, mode in zip(paths, _MODES, strict=True)
            ]
        pyplot.close("all")
        return images


_MODES = ("light", "dark")


def _output(text):
    """Return the node of what a block printed."""
    text = text.rstrip()
    return nodes.literal_block(text, text, language="text", classes=["block-output"])


def setup(app):
    """Register the transform and the pages whose blocks run."""
    app.add_config_value("run_blocks_pages", [], "env", types=[list])
    app.add_transform(RunBlocks)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
