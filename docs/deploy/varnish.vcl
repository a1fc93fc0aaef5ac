# /etc/varnish/default.vcl. Keeps pages until the site says that they changed.
# In .env of the site: CDN_PURGE_URL=varnish://10.0.0.30:80, with the address of this machine as the site sees it.
vcl 4.1;

import std;

backend default {
    # The balancer, or the one web server.
    .host = "10.0.0.10";
    .port = "80";
    .probe = {
        .request = "HEAD /robots.txt HTTP/1.1" "Host: news.example.org" "Connection: close";
        .interval = 2s;
        .timeout = 2s;
        .window = 3;
        .threshold = 2;
        .initial = 2;
    }
}

# The machines whose task worker announces changes.
acl site {
    "10.0.0.13";
}

sub vcl_recv {
    if (req.method == "PURGE") {
        if (client.ip !~ site || !req.http.Surrogate-Key) {
            return (synth(403, "Forbidden"));
        }
        # Tags have no characters that mean something in a regular expression; what is not a tag matches nothing.
        set req.http.Surrogate-Key = regsuball(req.http.Surrogate-Key, "[^\w: -]", "_");
        set req.http.Surrogate-Key = regsuball(req.http.Surrogate-Key, " +", "|");
        if (!std.ban("obj.http.Surrogate-Key ~ (^|[[:space:]])(" + req.http.Surrogate-Key + ")([[:space:]]|$)")) {
            return (synth(500, std.ban_error()));
        }
        return (synth(200, "Purged"));
    }
    # An old page only while the site does not answer, and no longer than an hour.
    if (std.healthy(req.backend_hint)) {
        set req.grace = 0s;
    }
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    # Visitors with one of these have pages of their own (PERSONAL_COOKIES in truthlytics/settings.py).
    if (req.http.Cookie ~ "(^|; *)(sessionid|cart|messages)=") {
        return (pass);
    }
    # Keys of the API. Without this, each would fill the cache with variants of its own.
    if (req.http.Authorization && req.url ~ "^/api/") {
        return (pass);
    }
    # Other cookies change no public page.
    return (hash);
}

sub vcl_backend_response {
    if (bereq.uncacheable) {
        return (deliver);
    }
    if (beresp.http.Set-Cookie || beresp.http.Cache-Control !~ "^public") {
        set beresp.ttl = 120s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    # Pages. What has a lifetime for browsers too, such as images and styles, keeps that.
    if (beresp.http.Surrogate-Control) {
        set beresp.ttl = std.duration(regsub(beresp.http.Surrogate-Control, "^max-age=(\d+)$", "\1s"), 0s);
        set beresp.grace = 1h;
    }
    unset beresp.http.Surrogate-Control;
    if (beresp.ttl <= 0s) {
        set beresp.ttl = 10s;
        set beresp.uncacheable = true;
    }
    return (deliver);
}

sub vcl_deliver {
    unset resp.http.Surrogate-Key;
    unset resp.http.Surrogate-Control;
}
