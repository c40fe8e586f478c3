-- The published ones among some rows of an images table (relation `images`, their numbers $first to
-- $last; its row keys $keys), each with what the search client gets: the JSON of each of
-- `row_tables.COLUMNS`, a tab after each, which JSON never holds. In any order.
SELECT
    i.row,
    aesthetic,
    i.image_id,
    caption,
    host,
    i.domain,
    url_year,
    ('0x' || url_key[1:8])::UINTEGER AS url_hash,
    concat_ws(
        chr(9), to_json(url)::VARCHAR, to_json(caption)::VARCHAR,
        coalesce(width::VARCHAR, 'null'), coalesce(height::VARCHAR, 'null'),
        -- Seven digits, which is all that the models gave: what is shown, not what rows are ranked by.
        -- A score beyond what 32 bits hold stays as it is.
        coalesce(TRY_CAST(aesthetic AS FLOAT)::VARCHAR, aesthetic::VARCHAR, 'null'),
        coalesce(TRY_CAST(punsafe AS FLOAT)::VARCHAR, punsafe::VARCHAR, 'null'),
        -- The domain as the number of its labels, where those end what may be the URL's host.
        CASE
            WHEN ends_with('.' || split_part(url, '/', 3), '.' || i.domain)
                THEN (1 + strlen(i.domain) - strlen(replace(i.domain, '.', '')))::VARCHAR
            ELSE to_json(i.domain)::VARCHAR
        END,
        (list_position(['shown', 'blurred', 'no_image'], visibility) - 1)::VARCHAR,
        ''
    ) AS document
FROM images AS i
-- A build directory below a folder `name=value` is no partition of anything.
JOIN read_parquet($keys, hive_partitioning = false) AS k
    ON k.row = i.row AND k.row BETWEEN $first AND $last
WHERE visibility <> 'withheld'
