-- How many clusters of equal URLs, captions and image ids there are, by their size.
SELECT kind, cluster_size, count(*) AS clusters, (count(*) * cluster_size)::BIGINT AS images
FROM (
    SELECT 'url' AS kind, count(*) AS cluster_size FROM published GROUP BY url_digest
    UNION ALL
    SELECT 'caption', count(*) FROM published GROUP BY caption_digest
    UNION ALL
    SELECT 'image_id', count(*) FROM published GROUP BY image_id
)
GROUP BY kind, cluster_size
ORDER BY kind, cluster_size
