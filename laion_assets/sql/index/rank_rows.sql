-- The published rows of one images table ($images) in rank order (ARCHITECTURE.md#order), each with
-- what it weighs when a run of the index is made of it: its caption is held in some four forms.
SELECT
    row,
    strlen(url) + 4 * strlen(caption) AS weight
-- A build directory below a folder `name=value` is no partition of anything.
FROM read_parquet($images, hive_partitioning = false)
WHERE visibility <> 'withheld'
ORDER BY aesthetic DESC NULLS LAST, image_id, row
