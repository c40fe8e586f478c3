"""The dataset in schema.org's words (JSON-LD), for search engines that list datasets.

Lives here: that record. It stands on a page as a block of data, which no browser executes and which
the policy lets pass. Not here: the page (`pages`), Croissant and the like (`core.exports`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from laion_assets.core.site.downloads import DataFile
from laion_assets.core.site.model import Site
from laion_assets.core.site.safety import safe_link
from laion_assets.core.site.serving import content_type


def describe_dataset(site: Site, files: Iterable[DataFile] = ()) -> dict[str, Any]:
    """Return the dataset as schema.org has it, with the files it is offered as.

    What nobody said is left out. Addresses are whole where it is known where the site will be, else
    relative to its pages.
    """
    dataset, publisher = site.inputs.dataset, site.inputs.publisher
    said: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": dataset.title,
        "description": dataset.description,
        "license": dataset.licence,
        "url": site.address("index.html"),
        "isBasedOn": safe_link(dataset.homepage),
        "identifier": site.inputs.build_id,
        "publisher": {"@type": "Organization", "name": publisher.name} if publisher.name else None,
        "isAccessibleForFree": True,
        "distribution": [
            {
                "@type": "DataDownload",
                "name": file.path.rpartition("/")[2],
                "contentUrl": site.address(file.path) or file.path,
                "encodingFormat": content_type(file.path).partition(";")[0],
                "contentSize": f"{file.size} B",
            }
            for file in files
        ],
    }
    return {name: value for name, value in said.items() if value}
