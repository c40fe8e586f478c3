-- The rejects of one file ($rejects, row keys at $keys) once the rows of the relation `gone` are among
-- them: of a removed row number, id and reason stay.
WITH taken AS (
    SELECT k.row, k.image_id
    FROM read_parquet($keys, hive_partitioning = false) AS k
    JOIN gone AS g ON g.row = k.row
)
SELECT row, image_id, 'removed' AS reason, NULL::BLOB AS url, NULL::BLOB AS caption
FROM taken
UNION ALL
SELECT r.row, r.image_id, r.reason, r.url, r.caption
FROM read_parquet($rejects, hive_partitioning = false) AS r
WHERE r.row NOT IN (SELECT row FROM gone)
ORDER BY row
