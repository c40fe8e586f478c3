-- What is near URLs that concern no row (relation `missed`: said, host, domain, path), the nearest first:
-- up to five of the domain with the same file name, then the rows of the host and of the domain.
WITH of_domain AS (
    SELECT
        m.said,
        m.host,
        m.domain,
        m.path AS wanted,
        i.url,
        i.host = m.host AS same_host,
        regexp_extract(i.url, '^[A-Za-z]+://[^/?#]*([^?#]*)', 1) AS written,
        rtrim(lower(TRY(url_decode(replace(written, '+', ' ')))), '/') AS path
    FROM images AS i
    JOIN missed AS m ON i.domain = m.domain
),
alike AS (
    SELECT said, url AS near, count(*) AS rows, path = wanted AS same_path, same_host
    FROM of_domain
    WHERE wanted <> '' AND split_part(path, '/', -1) = split_part(wanted, '/', -1)
    GROUP BY said, url, same_path, same_host
    QUALIFY row_number() OVER (
        PARTITION BY said ORDER BY same_path DESC, same_host DESC, rows DESC, near
    ) <= 5
)
SELECT said, near, rows, 0 AS place, same_path, same_host
FROM alike
UNION ALL
SELECT said, 'the host ' || host, count(*) FILTER (same_host) AS rows, 1, FALSE, FALSE
FROM of_domain
GROUP BY said, host, domain
HAVING rows > 0 AND host <> domain
UNION ALL
SELECT said, 'the domain ' || domain, count(*), 2, FALSE, FALSE
FROM of_domain
GROUP BY said, domain
ORDER BY said, place, same_path DESC, same_host DESC, rows DESC, near
