"""How Sphinx builds the site: from this tree alone, without a network."""

import os
import sys
import warnings
from pathlib import Path

from sphinx_gallery.sorting import ExplicitOrder

import sknet_spectral

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "sknet-spectral"
author = "the sknet-spectral developers"
copyright = f"2026, {author}"
version = release = sknet_spectral.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "numpydoc",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "foreign_references",
    "mathml",
    "package_drawing",
    "run_blocks",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "auto_examples/**/*.ipynb"]
default_role = "literal"
toc_object_entries_show_parents = "hide"

autodoc_default_options = {"inherited-members": True}
# Docstrings say it in words, and thirty annotated parameters fill a screen.
autodoc_typehints = "none"
autosummary_generate = True
numpydoc_show_class_members = False
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True
copybutton_selector = "div:not(.block-output) > div.highlight > pre"
run_blocks_pages = [
    "index",
    "getting_started",
    "migration",
    "benchmarks",
    "faq",
    "user_guide/*",
]

html_theme = "pydata_sphinx_theme"
html_title = f"{project} {version}"
html_favicon = "_static/logo.svg"
html_logo = "_static/logo.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_math_renderer = "mathml"
html_sidebars = {
    "getting_started": [],
    "migration": [],
    "mathematics": [],
    "benchmarks": [],
    "benchmark_history": [],
    "changelog": [],
    "contributing": [],
    "developers": [],
    "security": [],
    "faq": [],
    "citation": [],
}
html_theme_options = {
    "logo": {"text": project, "alt_text": f"{project}: home"},
    "navbar_end": ["version", "theme-switcher"],
    "header_links_before_dropdown": 5,
    "navbar_persistent": ["search-button"],
    "navigation_with_keys": False,
    "show_toc_level": 2,
    # All pages but those of the gallery, whose code needs the width.
    "secondary_sidebar_items": {"[!a]**": ["page-toc"], "api": ["page-toc"]},
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version", "theme-version"],
    "pygments_light_style": "tango",
    "pygments_dark_style": "monokai",
}

# Where the site is served, the list of its versions has an address, which the workflow
# that builds it knows. A local build shows its own version.
if switcher := os.environ.get("SWITCHER_URL"):
    html_theme_options["navbar_end"] = ["version-switcher", "theme-switcher"]
    html_theme_options["switcher"] = {"json_url": switcher, "version_match": version}
    html_theme_options["check_switcher"] = False

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"/(plot_|quickstart)",
    "within_subsection_order": ExplicitOrder(
        [
            "quickstart.py",
            "plot_toy_shapes.py",
            "plot_new_rows.py",
            "plot_digits.py",
            "plot_exemplars.py",
            "plot_inspection.py",
            "plot_choosing_k.py",
            "plot_learned_affinities.py",
            "plot_some_labels.py",
            "plot_text.py",
            "plot_embeddings.py",
            "plot_image_segmentation.py",
            "plot_diffusion_maps.py",
            "plot_grid_search.py",
            "plot_graph_with_features.py",
            "plot_memmap.py",
            "plot_saving.py",
        ]
    ),
    "backreferences_dir": "generated/backreferences",
    "doc_module": ("sknet_spectral",),
    "reference_url": {"sknet_spectral": None},
    "inspect_global_variables": False,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "remove_config_comments": True,
    "image_scrapers": ("figures.scrape",),
    "reset_modules": ("figures.reset_style", "seaborn"),
}

# matplotlib's plt.show() has no window to open while the gallery is built.
warnings.filterwarnings("ignore", message=".*non-interactive", category=UserWarning)
