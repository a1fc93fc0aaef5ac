"""Requests for pages as browsers of people send them: the User-Agent, and the headers that tell what the request is."""

NAVIGATION = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}
LINK = NAVIGATION | {"Sec-Fetch-Site": "cross-site"}
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/"
ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
WEB_VIEW = (
    "Mozilla/5.0 (Linux; Android 15; SM-S921B Build/AP3A.240905.015; wv) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Version/4.0 Chrome/142.0.7444.102 Mobile Safari/537.36"
)

BROWSERS: tuple[tuple[str, dict[str, str]], ...] = (
    # Current ones.
    (f"{WINDOWS}Chrome/142.0.0.0 Safari/537.36", NAVIGATION),
    (f"{MAC}537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", LINK),
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", LINK),
    ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
     LINK),
    (f"{ANDROID}Chrome/142.0.0.0 Mobile Safari/537.36", LINK),
    (f"{IPHONE}CriOS/142.0.7444.46 Mobile/15E148 Safari/604.1", LINK),
    (f"{MAC}605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15", NAVIGATION),
    (f"{IPHONE}Version/26.1 Mobile/15E148 Safari/604.1", LINK),
    ("Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0"
     " Mobile/15E148 Safari/604.1", LINK),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", NAVIGATION),
    ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", LINK),
    ("Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", LINK),
    (f"{IPHONE}FxiOS/145.0 Mobile/15E148 Safari/605.1.15", LINK),
    (f"{ANDROID}SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36", LINK),
    (f"{WINDOWS}Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", NAVIGATION),
    (f"{ANDROID}Chrome/142.0.0.0 Mobile Safari/537.36 EdgA/142.0.0.0", LINK),
    (f"{WINDOWS}Chrome/141.0.0.0 Safari/537.36 OPR/125.0.0.0", LINK),
    (f"{WINDOWS}Chrome/140.0.0.0 YaBrowser/25.10.0.0 Safari/537.36", LINK),
    (f"{WINDOWS}Chrome/140.0.0.0 Safari/537.36 Vivaldi/7.6.3797.58", LINK),
    (f"{ANDROID}Version/4.0 Chrome/142.0.7444.102 Mobile Safari/537.36 DuckDuckGo/5", LINK),
    ("Mozilla/5.0 (Linux; Android 11; CUBOT X30 Build/RP1A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0"
     " Mobile Safari/537.36", LINK),
    ("Mozilla/5.0 (Linux; U; Android 14; de-de; Redmi Note 13 Build/UP1A.231005.007) AppleWebKit/537.36 (KHTML, like"
     " Gecko) Version/4.0 Chrome/123.0.6312.118 Mobile Safari/537.36 XiaoMi/MiuiBrowser/14.31.0-gn", LINK),
    # Those inside other applications. Some send no Sec-Fetch headers.
    (f"{IPHONE}Mobile/22G100 [FBAN/FBIOS;FBAV/535.0.0.37.107;FBBV/812345;FBDV/iPhone15,3;FBMD/iPhone;FBSN/iOS;"
     "FBSV/18.6.2;FBSS/3;FBID/phone;FBLC/de_DE;FBOP/5]", LINK),
    (f"{WEB_VIEW} [FB_IAB/FB4A;FBAV/535.0.0.48.75;IABMV/1;]", LINK),
    (f"{WEB_VIEW} Instagram 406.0.0.58.159 Android (35/15; 480dpi; 1080x2340; samsung; SM-S921B)", {}),
    (f"{IPHONE}Mobile/22G100 Instagram 406.0.0.30.87 (iPhone15,3; iOS 18_6_2; de_DE; de; scale=3.00; 1290x2796)", {}),
    (f"{IPHONE}Mobile/15E148 [LinkedInApp]/9.31.6543", LINK),
    (f"{IPHONE}Mobile/15E148 [Pinterest/iOS]", {}),
    (f"{IPHONE}Mobile/15E148 Snapchat/13.62.0.41 (like Safari/8620.2.4.10.7, panda)", {}),
    (f"{IPHONE}Mobile/15E148 Twitter for iPhone/11.42", LINK),
    (f"{IPHONE}GSA/393.0.823456789 Mobile/15E148 Safari/604.1", LINK),
    (f"{IPHONE}Mobile/15E148", {}),
    (f"{WEB_VIEW} MicroMessenger/8.0.63.2920(0x28003F3D) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN", {}),
    (f"{WEB_VIEW} KAKAOTALK/25.9.2 (INAPP)", {}),
    (f"{WINDOWS}Slack/4.46.101 Chrome/140.0.7339.133 Electron/38.1.2 Safari/537.36", LINK),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.4.0", {}),
    # Old and odd ones.
    ("Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko", {}),
    ("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1; Trident/4.0)", {}),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2"
     " Mobile/15E148 Safari/604.1", {}),
    ("Mozilla/5.0 (Windows NT 6.1; rv:52.0) Gecko/20100101 Firefox/52.0", {}),
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/72.0.3626.121 Safari/537.36", {}),
    ("Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/4.0"
     " Chrome/76.0.3809.146 TV Safari/537.36", {}),
    ("Mozilla/5.0 (PlayStation; PlayStation 5/9.00) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0"
     " Safari/605.1.15", {}),
    ("Mozilla/5.0 (Linux; arm_64; Android 12; Kobo Touch) AppleWebKit/538.1 (KHTML, like Gecko) Kobo eReader"
     " Safari/538.1", {}),
    ("Mozilla/5.0 (X11; U; Linux armv7l like Android; en-us) AppleWebKit/531.2+ (KHTML, like Gecko) Version/5.0"
     " Safari/533.2+ Kindle/3.0+", {}),
    ("Opera/9.80 (Android; Opera Mini/12.0.1987/37.7327; U; pl) Presto/2.12.423 Version/12.16", {}),
    ("Lynx/2.9.2 libwww-FM/2.14 SSL-MM/1.4.1 OpenSSL/3.0.15", {}),
    ("w3m/0.5.3+git20230121", {}),
)  # fmt: skip
