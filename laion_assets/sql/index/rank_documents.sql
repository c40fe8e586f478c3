-- The published rows of one images table ($images, with its row keys $keys) in rank order (ARCHITECTURE.md#order), each with the
-- document the search client gets: an array in the order of the directory's columns.
SELECT
    i.row,
    aesthetic,
    i.image_id,
    caption,
    host,
    i.domain,
    url_year,
    url_key,
    json_array(
        i.image_id::VARCHAR, url, caption, width, height, aesthetic, punsafe, i.domain,
        list_position(['shown', 'blurred', 'no_image'], visibility) - 1
    )::VARCHAR AS document
-- A build directory below a folder `name=value` is no partition of anything.
FROM read_parquet($images, hive_partitioning = false) AS i
JOIN read_parquet($keys, hive_partitioning = false) AS k ON k.row = i.row
WHERE visibility <> 'withheld'
ORDER BY aesthetic DESC NULLS LAST, i.image_id, i.row
