-- Where the URLs and captions that repeat are: rows of each by domain and year of the URL. Relations:
-- `suspects`, `repeated` (`core.tables.repeats`). Other rows have a URL and a caption of their own, so
-- different ones among some rows are the rows less what these have beyond one each.
SELECT kind, cluster, domain, url_year, count(*) AS images
FROM (
    SELECT 'url' AS kind, url_digest AS digest, domain, url_year FROM suspects WHERE may_url
    UNION ALL
    SELECT 'caption', caption_digest, domain, url_year FROM suspects WHERE may_caption
)
JOIN (SELECT kind, cluster, value::UUID AS digest FROM repeated WHERE kind <> 'image_id')
    USING (kind, digest)
GROUP BY kind, cluster, domain, url_year
ORDER BY kind, cluster, domain, url_year NULLS LAST
