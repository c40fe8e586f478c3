-- Histograms over the published rows (relation `published`): bucket numbers are turned into
-- labels, ranges and shares by core/tables/quality.py. An unknown value has no bucket: least() and
-- greatest() pass over nulls and would put it into the last or first one.
SELECT measure, bucket, count(*) AS images
FROM (
    SELECT
        unnest(['aesthetic', 'similarity', 'pwatermark', 'megapixels', 'caption_words', 'aspect', 'scheme'])
            AS measure,
        unnest([
            CASE
                WHEN aesthetic IS NOT NULL THEN least(greatest(floor(aesthetic * 4), 0), 39)::INTEGER
            END,
            -- 1 itself belongs to the last bucket
            CASE WHEN similarity IS NOT NULL THEN least(floor(similarity * 50)::INTEGER, 49) END,
            CASE WHEN pwatermark IS NOT NULL THEN least(floor(pwatermark * 20)::INTEGER, 19) END,
            CASE
                WHEN width IS NULL OR height IS NULL THEN NULL
                ELSE least(floor(log2(greatest(width::BIGINT * height / 1e6, 0.0078125)))::INTEGER, 7)
            END,
            least(caption_words // 5, 20)::INTEGER,
            CASE
                WHEN width IS NULL OR height IS NULL THEN NULL
                WHEN height > width THEN 0
                WHEN height = width THEN 1
                ELSE 2
            END,
            CASE WHEN plain_http THEN 0 ELSE 1 END
        ]) AS bucket
    FROM published
)
GROUP BY measure, bucket
ORDER BY measure, bucket NULLS LAST
