-- How many clusters of equal URLs, captions and image ids there are, by their size, from relation
-- `repeated` (clusters of two and more) and the $published rows in all.
SELECT kind, cluster_size, count(*) AS clusters, (count(*) * cluster_size)::BIGINT AS images
FROM (SELECT kind, images AS cluster_size FROM repeated)
GROUP BY kind, cluster_size
UNION ALL
SELECT kind, 1, single, single
FROM (
    SELECT kind, ($published - coalesce(sum(images), 0))::BIGINT AS single
    FROM (VALUES ('url'), ('caption'), ('image_id')) AS k (kind)
    LEFT JOIN repeated USING (kind)
    GROUP BY kind
)
WHERE single > 0
ORDER BY kind, cluster_size
