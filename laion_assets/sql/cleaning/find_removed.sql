-- Which entries of a removal list (relation `listed`: kind, sha256) concern the rows of one file,
-- whose row keys lie at $keys. One row per (kind, sha256, row).
WITH keys AS (
    SELECT row, image_id, url_key, domain FROM read_parquet($keys, hive_partitioning = false)
),
domains AS (
    SELECT DISTINCT domain, sha256(domain) AS digest FROM keys WHERE domain IS NOT NULL
)
SELECT l.kind, l.sha256, k.row
FROM keys AS k
JOIN listed AS l ON l.kind = 'url' AND k.url_key = substr(l.sha256, 1, 16)
UNION ALL
SELECT l.kind, l.sha256, k.row
FROM domains AS d
JOIN listed AS l ON l.kind = 'domain' AND d.digest = l.sha256
JOIN keys AS k ON k.domain = d.domain
UNION ALL
SELECT l.kind, l.sha256, k.row
FROM keys AS k
JOIN listed AS l ON l.kind = 'id' AND sha256(k.image_id::VARCHAR) = l.sha256
