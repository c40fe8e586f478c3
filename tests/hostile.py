"""Captions, URLs and names as the worst of the web has them, for every test that needs some."""

CAPTIONS = (
    "<script>window.XSS=1</script>",
    '"><img src=x onerror="window.XSS=1">',
    "{{ 7*7 }} {% raw %} ${7*7}",
    "</title></figure></svg><script>window.XSS=1</script>",
    '=HYPERLINK("http://evil.example","click")',
    "+1 @SUM(A1) -2",
    "' onmouseover='window.XSS=1",
    "שלום עולם, a caption from right to left",
    "葛飾北斋 冨嶽三十六景 神奈川沖浪裏",
)
URLS = (
    "javascript:window.XSS=1",
    "http://user:secret@evil.example/a.jpg",
    "https://evil.example/a b.jpg",
    'https://evil.example/"><script>window.XSS=1</script>',
    "//evil.example/a.jpg",
    "https://good.example\\@evil.example/a.jpg",
    "data:text/html,<script>window.XSS=1</script>",
    "https://evil.example/\u202egpj.exe",
)
