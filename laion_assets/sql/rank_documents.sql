-- The published rows of one images table ($images) in rank order (DESIGN section 8), each with the
-- document the search client gets: an array in the order of the directory's columns.
SELECT
    row,
    aesthetic,
    image_id,
    url,
    caption,
    host,
    domain,
    url_year,
    json_array(
        image_id::VARCHAR, url, caption, width, height, aesthetic, punsafe, domain,
        list_position(['shown', 'blurred', 'no_image'], visibility) - 1
    )::VARCHAR AS document
-- A build directory below a folder `name=value` is no partition of anything.
FROM read_parquet($images, hive_partitioning = false)
WHERE visibility <> 'withheld'
ORDER BY aesthetic DESC NULLS LAST, image_id, row
