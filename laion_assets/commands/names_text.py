"""What `laion-assets lookup` and `laion-assets lists` print.

Lives here: words and columns of text. Not here: counting (`core.names.lookup`), comparing
(`core.names.coverage`), what is doubtful in a list (`core.names.list_remarks`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from laion_assets.core.names.coverage import Coverage
from laion_assets.core.names.list_files import ListFiles, file_remarks
from laion_assets.core.names.list_remarks import is_ambiguous
from laion_assets.core.names.lists import Entity, Platform, fold_name, load_platforms
from laion_assets.core.names.lookup import Found
from laion_assets.core.names.registry import ALL_LISTS, CLAIMS, PLATFORMS
from laion_assets.core.names.zero_bound import CONFIDENCE, per_million, zero_bounds, zero_share
from laion_assets.core.site.formats import percent
from laion_assets.core.site.safety import csv_cell
from laion_assets.core.sources.datasets import Population

MOST_REMARKS = 20  # remarks and lacking names printed before the rest is only counted


def as_entities(files: ListFiles) -> list[Entity]:
    """Return the platforms as names to look up; no list has context words for them."""
    platforms = {platform.platform: platform for platform in load_platforms(files)}
    return [
        Entity(
            name,
            aliases=(),
            ambiguous=is_ambiguous(platform),
            context=(),
            attributes={"category": platform.category},
        )
        for name, platform in sorted(platforms.items())
        if fold_name(name)
    ]


def tell_found(
    found: Sequence[Found], published: int, populations: tuple[Population, ...]
) -> Iterator[str]:
    """Yield the lines that tell what was found of each name, and what a zero means."""
    for entry in found:
        yield _heading(entry)
        if entry.images:
            share = percent(entry.images / published)
            yield (
                f"  {entry.images:,} of {published:,} images ({share}); "
                f"{_of(entry.unique_urls, 'unique URL')}, "
                f"{_of(entry.unique_captions, 'unique caption')}"
            )
        else:
            yield f"  none of {published:,} images"
        if entry.near:
            yield f"  did you mean {_either(entry.near)}?"
        if entry.entity is not None and entry.images_in_context is not None:
            yield f"  ambiguous: {_context(entry.images_in_context, entry.entity.context)}"
        if entry.domains:
            yield f"  most on {', '.join(f'{name} ({count:,})' for name, count in entry.domains)}"
        yield from _variants(entry)
    if any(not entry.images for entry in found):
        yield ""
        yield from tell_zero(published, populations)


def _either(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]


def _of(count: int, what: str, width: int = 0, plural: str = "") -> str:
    return f"{count:>{width},} {what if count == 1 else plural or what + 's'}"


def _context(images: int, words: Sequence[str]) -> str:
    if not words:
        return "also a word or somebody else's name, and no list has words to tell them apart"
    return f"{images:,} in context, that is beside {', '.join(words)}"


def _heading(entry: Found) -> str:
    if entry.entity is None:
        return f"{entry.asked} (on no list)"
    kind = next(iter(entry.entity.attributes.values()), "").replace("|", ", ")
    aliases = ", ".join(entry.entity.aliases)
    counted = f"; counted with {aliases}" if aliases else ""
    return f"{entry.entity.name} ({entry.list_name}: {kind or 'unknown'}{counted})"


def _variants(entry: Found) -> Iterator[str]:
    """Yield what other spellings came to; those that were found count the rows the name lacks."""
    found = [v for v in entry.variants if v.images]
    for count in sorted(found, key=lambda v: (-v.beyond, v.variant.spelling)):
        yield (
            f"  counted apart: {count.variant.spelling!r} ({count.variant.kind}) {count.images:,}, "
            f"{count.beyond:,} of them without the name"
        )
    tried = [v.variant.spelling for v in entry.variants if not v.images]
    if tried:
        yield f"  tried, never found: {', '.join(tried)}"


def tell_zero(published: int, populations: tuple[Population, ...]) -> Iterator[str]:
    """Yield what zero in so many rows can and cannot say."""
    share = zero_share(published)
    if share is None:
        yield "There are no rows, so zero says nothing."
        return
    confidence = f"{CONFIDENCE:.0%}"
    yield (
        f"What zero means: if these {published:,} rows were a random sample of a larger set, then "
        f"with {confidence} confidence at most {per_million(share)} in a million of its rows would "
        "have the name."
    )
    for bound in zero_bounds(published, populations):
        yield (
            f"  For the {bound.population.rows:,} rows of {bound.population.title}: "
            f"at most {bound.at_most:,}."
        )
    yield "They are no random sample but a selection, so the true number may well be larger."


def found_as_json(found: Sequence[Found], published: int) -> list[dict[str, Any]]:
    """Return what was found as plain values, an object for each name."""
    share = zero_share(published)
    return [
        {
            "asked": entry.asked,
            "list": entry.list_name or None,
            "name": entry.entity.name if entry.entity else None,
            "counted": list(entry.phrases),
            "images": entry.images,
            "denominator": published,
            "unique_urls": entry.unique_urls,
            "unique_captions": entry.unique_captions,
            "ambiguous": entry.entity is not None and entry.entity.ambiguous,
            "context": list(entry.entity.context) if entry.entity else [],
            "images_in_context": entry.images_in_context,
            "domains": [{"domain": name, "images": count} for name, count in entry.domains],
            "variants": [
                {
                    "spelling": v.variant.spelling,
                    "kind": v.variant.kind,
                    "images": v.images,
                    "beyond": v.beyond,
                }
                for v in entry.variants
            ],
            "share_at_most": None if entry.images else share,
            "near": entry.near,
        }
        for entry in found
    ]


def tell_lists(
    files: ListFiles,
    entities: Mapping[str, Sequence[Entity]],
    platforms: Sequence[Platform],
    remarks: Mapping[str, Sequence[str]],
    claims: int,
) -> Iterator[str]:
    """Yield what each list holds and where it comes from, then what deserves a second look."""
    for name in (*ALL_LISTS, CLAIMS):
        own = files.digest(name)
        origin = ", ".join(str(path) for path in files.paths(name)) if own else "ours"
        if name == CLAIMS:
            yield f"{name:12} {_of(claims, 'claim', 6)}  ({origin})"
            continue
        if name == "platforms":
            owners = len({platform.platform for platform in platforms})
            held = f"{_of(len(platforms), 'domain', 6)} of {_of(owners, 'platform')}"
            yield f"{name:12} {held}  ({origin})"
            continue
        rows = entities[name]
        aliases = _of(sum(len(entity.aliases) for entity in rows), "alias", plural="aliases")
        ambiguous = sum(entity.ambiguous for entity in rows)
        yield (
            f"{name:12} {_of(len(rows), 'name', 6)}, {aliases}, {ambiguous:,} ambiguous, "
            f"{len(remarks[name]):,} to look at  ({origin})"
        )
    yield from file_remarks(files)
    for name, lines in remarks.items():
        yield from (f"{name}: {line}" for line in lines[:MOST_REMARKS])
        if len(lines) > MOST_REMARKS:
            yield f"{name}: … and {len(lines) - MOST_REMARKS:,} more"
    if any(remarks.values()):
        yield (
            "Look whether captions use these phrases for something else, and say so under "
            "ambiguous: yes (with context words) or no."
        )


def lists_as_json(
    files: ListFiles,
    entities: Mapping[str, Sequence[Entity]],
    platforms: Sequence[Platform],
    remarks: Mapping[str, Sequence[str]],
    claims: int,
) -> dict[str, dict[str, Any]]:
    """Return what each list holds, where it comes from and what to look at again, as values."""
    told: dict[str, dict[str, Any]] = {
        name: {
            "names": len(rows),
            "aliases": sum(len(entity.aliases) for entity in rows),
            "ambiguous": sum(entity.ambiguous for entity in rows),
            "remarks": list(remarks[name]),
        }
        for name, rows in entities.items()
    }
    told[PLATFORMS] = {
        "domains": len(platforms),
        "platforms": len({platform.platform for platform in platforms}),
    }
    told[CLAIMS] = {"claims": claims}
    for name, about in told.items():
        own = [str(path) for path in files.paths(name)] if files.digest(name) else []
        about["files"] = own  # none: ours
    return told


def coverage_as_json(
    coverage: Sequence[Coverage], images: Mapping[str, int] | None
) -> list[dict[str, Any]]:
    """Return which of another's names we have, and which we lack with their images, as values."""
    return [
        {
            "group": group.group,
            "names": group.names,
            "held": dict(group.held),
            "lacking": [
                {"name": name, "images": None if images is None else images[name]}
                for name in group.lacking
            ],
        }
        for group in coverage
    ]


def tell_coverage(coverage: Sequence[Coverage], images: Mapping[str, int] | None) -> Iterator[str]:
    """Yield how many names of another's list we have, and which we lack.

    `images` counts those in what is built, when there is a build: the most named come first.
    """
    for group in coverage:
        held = group.names - len(group.lacking)
        share = f" ({held / group.names:.0%})" if group.names else ""
        where = ", ".join(f"{count:,} in {name}" for name, count in group.held.items())
        yield f"{group.group}: {held:,} of {group.names:,}{share} are on our lists: {where or '-'}"
        lacking = sorted(group.lacking, key=lambda name: -(images or {}).get(name, 0))
        for name in lacking[:MOST_REMARKS]:
            yield f"  lacking: {name}" + (f" ({images[name]:,} images)" if images else "")
        if len(lacking) > MOST_REMARKS:
            yield f"  … and {len(lacking) - MOST_REMARKS:,} more; --lacking FILE writes them all"


def lacking_csv(coverage: Sequence[Coverage], images: Mapping[str, int] | None) -> bytes:
    """Return every name we lack as CSV: group, name, images (empty without a build)."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(("group", "name", "images"))
    for group in coverage:
        for name in group.lacking:
            count = "" if images is None else images[name]
            writer.writerow((csv_cell(group.group), csv_cell(name), count))
    return buffer.getvalue().encode()
