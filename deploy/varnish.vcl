vcl 4.1;

# Varnish in front of the service. On Debian: apt-get install varnish varnish-modules (7.1; for vmod xkey).
# Set the backend, the addresses that may purge, and the default language.

import std;
import xkey;

backend service {
    .host = "127.0.0.1";
    .port = "8000";
    .probe = {
        .url = "/healthz";
        .interval = 2s;
        .timeout = 1s;
        .window = 3;
        .threshold = 2;
    }
}

acl purgers {
    "127.0.0.1";
    "::1";
}

# The service's DEFAULT_LANGUAGE. A URL with a slug is passed on without the header, since the slug may select the language.
sub set_default_language {
    if (req.url ~ "^/v1/[^/?]+/[^/?]+|^/v1/oembed|^/embed/(moments|prompts)/|^/embed/session") {
        unset req.http.Accept-Language;
    } else {
        set req.http.Accept-Language = "en";
    }
}

sub vcl_recv {
    if (req.method == "PURGE") {
        if (client.ip !~ purgers) {
            return (synth(403, "Purging is not allowed"));
        }
        # The keys that `.venv/bin/flask cdn keys --since N` prints, separated by spaces.
        set req.http.X-Purged = xkey.purge(req.http.Surrogate-Key);
        return (synth(200, "Purged " + req.http.X-Purged));
    }

    # One id per request, in its response and in the logs. A cached response must not carry an older one.
    if (req.http.X-Request-Id !~ "^[A-Za-z0-9._-]{8,64}$") {
        set req.http.X-Request-Id = "varnish-" + req.xid;
    }

    # Pass on writes, and requests whose response depends on the client.
    if ((req.method != "GET" && req.method != "HEAD") || req.http.Authorization || req.http.If-Match
        || req.http.Transfer-Encoding || (req.http.Content-Length && req.http.Content-Length != "0")
        || req.url ~ "[^\x21-\x7e]") {
        return (pass);
    }
    # Let the service compare lists of ETags, and `*`.
    if (req.http.If-None-Match ~ ",|\*") {
        return (pass);
    }
    # Pass on Accept headers that may exclude the type of the response: the service responds to those with a 406.
    if (req.http.Accept && (req.http.Accept !~ "\*/\*" || req.http.Accept ~ "q=0*\.?0*[ \t]*(,|;|$)")) {
        if (req.http.Accept !~ "^application/json$" || req.url ~ "^[^?]*\.|^/(docs|problems|embed)") {
            return (pass);
        }
    }

    # The service ignores the parameters of trackers and caches.
    if (req.url ~ "[?&](_|fbclid|gclid|utm_)") {
        set req.url = regsuball(req.url, "(?<=[?&])(_|fbclid|gclid|utm_[^=&]*)(=[^&]*)?(&|$)", "");
        set req.url = regsub(req.url, "[?&]$", "");
    }
    # The service ignores cookies and ranges, and accepts parameters in any order.
    unset req.http.Cookie;
    unset req.http.Range;
    if (req.url ~ "^/v1/") {
        set req.url = std.querysort(req.url);
    }

    unset req.http.X-Odd;
    call choose_language;
    if (req.http.X-Odd) {
        unset req.http.X-Odd;
        return (pass);
    }

    # A stale response is served during a fetch, and for longer while the service is down.
    if (std.healthy(req.backend_hint)) {
        set req.grace = 600s;
    }
    return (hash);
}

# Normalise Accept-Language to one of four values as the service does (RFC 9110, 12.5.4): cy, en, and each with the
# other language refused. Headers that do not follow the RFC are passed on.
sub choose_language {
    if (!req.http.Accept-Language) {
        call set_default_language;
        return;
    }
    std.collect(req.http.Accept-Language);
    set req.http.X-Ranges = std.tolower(req.http.Accept-Language);
    if (req.http.X-Ranges ~ "^.{1001}" || req.http.X-Ranges !~ "^[ \t]*((\*|[a-z0-9]{1,8}(-[a-z0-9]{1,8})*)([ \t]*;[ \t]*q[ \t]*=[ \t]*(0(\.[0-9]{1,3})?|1(\.0{1,3})?))?[ \t]*)?(,[ \t]*((\*|[a-z0-9]{1,8}(-[a-z0-9]{1,8})*)([ \t]*;[ \t]*q[ \t]*=[ \t]*(0(\.[0-9]{1,3})?|1(\.0{1,3})?))?[ \t]*)?){0,31}$") {
        set req.http.X-Odd = "1";
        unset req.http.X-Ranges;
        return;
    }

    # ISO 639 has other codes for the two languages. Keep these languages only, without regions and with their q: ",cy;q=0.8,en;q=1".
    set req.http.X-Ranges = "," + regsuball(req.http.X-Ranges, "[ \t]", "");
    set req.http.X-Ranges = regsuball(req.http.X-Ranges, ",(cym|wel)(?=[-;,]|$)", ",cy");
    set req.http.X-Ranges = regsuball(req.http.X-Ranges, ",eng(?=[-;,]|$)", ",en");
    set req.http.X-Ranges = regsuball(req.http.X-Ranges, ",(?!(cy|en)(-|;|,|$))[^,]*", "");
    set req.http.X-Ranges = regsuball(req.http.X-Ranges, ",(cy|en)[^;,]*", ",\1");
    set req.http.X-Ranges = regsuball(req.http.X-Ranges, ",(cy|en)(?=,|$)", ",\1;q=1");
    set req.http.X-First = regsub(req.http.X-Ranges, "^,(cy|en).*$", "\1");
    unset req.http.X-Cy;
    unset req.http.X-En;
    call take_range; call take_range; call take_range; call take_range;
    call take_range; call take_range; call take_range; call take_range;
    if (req.http.X-Ranges != "") {
        set req.http.X-Odd = "1";
    } else {
        call name_language;
    }
    unset req.http.X-Ranges;
    unset req.http.X-First;
    unset req.http.X-Cy;
    unset req.http.X-En;
}

# Remove the first range, and use its q for its language if it is the highest so far.
sub take_range {
    if (req.http.X-Ranges ~ "^,cy") {
        if (!req.http.X-Cy || std.real(regsub(req.http.X-Ranges, "^,cy;q=([0-9.]+).*$", "\1"), 0.0) > std.real(req.http.X-Cy, 0.0)) {
            set req.http.X-Cy = regsub(req.http.X-Ranges, "^,cy;q=([0-9.]+).*$", "\1");
        }
    } else if (req.http.X-Ranges ~ "^,en") {
        if (!req.http.X-En || std.real(regsub(req.http.X-Ranges, "^,en;q=([0-9.]+).*$", "\1"), 0.0) > std.real(req.http.X-En, 0.0)) {
            set req.http.X-En = regsub(req.http.X-Ranges, "^,en;q=([0-9.]+).*$", "\1");
        }
    }
    set req.http.X-Ranges = regsub(req.http.X-Ranges, "^,[^,]*", "");
}

sub name_language {
    if (std.real(req.http.X-Cy, 0.0) == 0.0 && std.real(req.http.X-En, 0.0) == 0.0) {
        if (req.http.X-Cy && !req.http.X-En) {
            set req.http.Accept-Language = "en, cy;q=0";
        } else if (req.http.X-En && !req.http.X-Cy) {
            set req.http.Accept-Language = "cy, en;q=0";
        } else {
            # Neither language is named, or both are refused.
            call set_default_language;
        }
    } else if (req.http.X-En && std.real(req.http.X-En, 0.0) == 0.0) {
        set req.http.Accept-Language = "cy, en;q=0";
    } else if (req.http.X-Cy && std.real(req.http.X-Cy, 0.0) == 0.0) {
        set req.http.Accept-Language = "en, cy;q=0";
    } else if (std.real(req.http.X-Cy, 0.0) == std.real(req.http.X-En, 0.0)) {
        set req.http.Accept-Language = req.http.X-First;
    } else if (std.real(req.http.X-Cy, 0.0) > std.real(req.http.X-En, 0.0)) {
        set req.http.Accept-Language = "cy";
    } else {
        set req.http.Accept-Language = "en";
    }
}

# Links are made from PUBLIC_URL, so no response depends on Host.
sub vcl_hash {
    hash_data(req.url);
    return (lookup);
}

sub vcl_backend_response {
    # Keep a stale response rather than replace it by an error.
    if (beresp.status >= 500 && bereq.is_bgfetch) {
        return (abandon);
    }
    if (beresp.http.Cache-Control ~ "no-store") {
        set beresp.uncacheable = true;
        # Errors depend on the request. Random URLs stay uncacheable.
        if (beresp.status >= 400) {
            set beresp.ttl = 0s;
        } else {
            set beresp.ttl = 120s;
        }
        return (deliver);
    }
    # Varnish would use stale-while-revalidate as the grace; stale-if-error is how long a stale response may be served.
    if (beresp.http.Cache-Control ~ "stale-if-error=[0-9]+") {
        set beresp.grace = std.duration(regsub(beresp.http.Cache-Control, "^.*stale-if-error=([0-9]+).*$", "\1s"), 600s);
    }
    set beresp.http.xkey = beresp.http.Surrogate-Key;
    return (deliver);
}

sub vcl_deliver {
    # A problem has its request id in its body, so its header must stay the same.
    if (resp.status < 400) {
        set resp.http.X-Request-Id = req.http.X-Request-Id;
    }
    # A cache in front that purges by Surrogate-Key needs this header: then delete this line.
    unset resp.http.Surrogate-Key;
    unset resp.http.xkey;
    unset resp.http.Via;
}
