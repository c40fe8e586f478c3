"""Merged assets that are published: the search index and the site."""

import shutil

import duckdb

from laion_assets.assets.steps import merged_asset
from laion_assets.core.base import package
from laion_assets.core.base.budget import share_files
from laion_assets.core.base.errors import UserError
from laion_assets.core.base.files import exchange_directories, sha256_json, temporary_beside
from laion_assets.core.base.records import read_json
from laion_assets.core.build.code_version import code_version
from laion_assets.core.build.made_from import keep_made_from
from laion_assets.core.build.plan import build_id, inputs_of
from laion_assets.core.build.workspace import Workspace
from laion_assets.core.claims.claim_files import load_claims
from laion_assets.core.index.merge import SegmentFiles, merge_index
from laion_assets.core.index.segment import SegmentCounts
from laion_assets.core.names.lists import load_entities, load_platforms
from laion_assets.core.names.registry import LISTS
from laion_assets.core.publish.exchange import Published, publish_site
from laion_assets.core.publish.withdrawal import withdraw_site
from laion_assets.core.reading.description import read_description
from laion_assets.core.site.inputs import DatasetInfo, SiteInputs, SourceInfo
from laion_assets.core.site.rendering import render_site
from laion_assets.making.made import Made


@merged_asset
def search_index(workspace: Workspace, _: duckdb.DuckDBPyConnection) -> Made:
    """Every file's segment merged into files a browser reads in slices, or whole from a disk."""
    segments = [
        SegmentFiles(
            documents=workspace.paths.segment(key, "documents"),
            words=workspace.paths.segment(key, "words"),
            mentions=workspace.paths.table("mentions", key),
            counts=_segment_counts(workspace, key),
        )
        for key in workspace.sources.usable_keys()
    ]
    other_names = {
        (name, entity.name): entity.aliases
        for name in LISTS
        for entity in load_entities(name, workspace.lists)
    }
    staging = temporary_beside(workspace.paths.search)
    staging.mkdir(parents=True)
    try:
        merged = merge_index(
            segments,
            load_platforms(workspace.lists),
            other_names,
            staging,
            workspace.paths.halfway,
            share_files(workspace.settings.max_files).index_files,
            workspace.settings.threads,
            workspace.progress,
            sha256_json([code_version("search_index"), inputs_of(workspace, "search_index", None)]),
        )
        exchange_directories(staging, workspace.paths.search)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    prefix = workspace.paths.search.relative_to(workspace.root).as_posix()
    return Made(
        outputs={f"{prefix}/{name}": entry for name, entry in merged.files.items()},
        counts={
            "rows": merged.documents,
            "terms": merged.terms,
            "files": len(merged.files),
            "bytes": sum(size for _, size in merged.files.values()),
            "directory": merged.directory,
        },
    )


def _segment_counts(workspace: Workspace, key: str) -> SegmentCounts:
    path = workspace.paths.segment_counts(key)
    counts = read_json(path, SegmentCounts)
    if counts is None:
        raise UserError(f"{path.name} cannot be read; materialise index_segment again first")
    return counts


@merged_asset
def site(workspace: Workspace, _: duckdb.DuckDBPyConnection) -> Made:
    """The published site: every page, table and index file, with a manifest.

    Only files whose bytes change are written, and the folder is exchanged in one step; what is not
    ours in it stays.
    """
    if workspace.settings.withdrawn:
        return _tombstone(workspace)
    if not workspace.takedown:
        keep_made_from(workspace)
    index = workspace.stamps.read("search_index")
    assert index is not None  # noqa: S101 - the step checked that upstream exists
    prefix = workspace.paths.search.relative_to(workspace.root).as_posix() + "/"
    published = publish_site(
        workspace.paths.site,
        render_site(
            _site_inputs(workspace, f"search/{index.counts['directory']}"),
            workspace.settings.threads,
        ),
        workspace.paths.search,
        {name.removeprefix(prefix): entry for name, entry in index.outputs.items()},
        workspace.settings.max_files,
        workspace.progress,
        workspace.stamped_site,
    )
    return _site_made(published)


def _tombstone(workspace: Workspace) -> Made:
    """Replace the site by one page that says why it is gone."""
    dataset, why = workspace.dataset, workspace.settings.withdrawn
    stamped = workspace.stamped_site
    publisher = workspace.settings.published_by
    return _site_made(
        withdraw_site(
            workspace.paths.site, dataset.title, why, stamped, publisher, dated=dataset.dated
        )
    )


def _site_made(published: Published) -> Made:
    return Made(
        outputs={f"site/{name}": entry for name, entry in published.files.items()},
        counts=published.counts,
    )


def _digest_of(workspace: Workspace, key: str) -> str:
    """Return the sha256 of a source file as it was read; nothing where that is not known."""
    try:
        return read_description(workspace.paths.description(key)).sha256
    except (OSError, UserError):  # a takedown waits for nothing
        return ""


def _site_inputs(workspace: Workspace, search_directory: str) -> SiteInputs:
    dataset, thresholds = workspace.dataset, workspace.settings.thresholds
    sources = []
    for key in workspace.sources.usable_keys():
        stamp = workspace.stamps.read("images", key)
        assert stamp is not None  # noqa: S101 - that is what makes a key usable
        read, kept = stamp.counts["read"], stamp.counts["kept"]
        sources.append(
            SourceInfo(
                workspace.sources.find(key).relative,
                read,
                kept,
                read - kept,
                damaged=stamp.counts["rejected"].get("damaged_line", 0),
                first_damaged=tuple(stamp.counts.get("first_damaged", ())),
                sha256=_digest_of(workspace, key),
            )
        )
    return SiteInputs(
        tables=workspace.paths.tables,
        templates=package.TEMPLATES,
        dataset=DatasetInfo(
            name=dataset.name,
            title=dataset.title,
            description=dataset.description,
            licence=dataset.licence,
            caveats=list(dataset.caveats),
            scorer=dataset.scorer,
            homepage=dataset.homepage,
            pictures=dataset.pictures,
            links=dataset.links,
            invented=dataset.generated is not None,
            populations=dataset.populations,
            dated=dataset.dated,
            date=dataset.date,
        ),
        thresholds=thresholds,
        sources=sources,
        search_directory=search_directory,
        max_files=workspace.settings.max_files,
        build_id=build_id(workspace),
        publisher=workspace.settings.published_by,
        base_url=workspace.settings.base_url,
        claims=load_claims(workspace.lists),
    )
