-- In how many published rows each word of the captions occurs, from the index segments' words: the
-- runs of a segment are disjoint sets of rows. Tokens too long to be words are left out.
SELECT
    decode(term) AS word,
    sum(documents)::BIGINT AS images,
    sum(documents)::DOUBLE / nullif($denominator, 0) AS share
FROM words_of_runs
WHERE octet_length(term) <= $longest
GROUP BY term
HAVING sum(documents) >= $least
ORDER BY images DESC, word
