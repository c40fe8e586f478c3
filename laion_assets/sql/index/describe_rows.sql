-- The published ones among some rows of an images table (relation `images`, their numbers $first to
-- $last; its row keys $keys), each with the document the search client gets: an array in the order
-- of the directory's columns. In any order.
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
FROM images AS i
-- A build directory below a folder `name=value` is no partition of anything.
JOIN read_parquet($keys, hive_partitioning = false) AS k
    ON k.row = i.row AND k.row BETWEEN $first AND $last
WHERE visibility <> 'withheld'
