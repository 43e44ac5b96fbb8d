vcl 4.1;

# Varnish in front of the service. Debian: apt-get install varnish varnish-modules (7.1; for vmod xkey).
# Three things to set: the backend, who may purge, and the language for readers who ask for neither.

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

# The service's DEFAULT_LANGUAGE.
sub set_default_language {
    set req.http.Accept-Language = "en";
}

sub vcl_recv {
    if (req.method == "PURGE") {
        if (client.ip !~ purgers) {
            return (synth(403, "Not yours to purge"));
        }
        # The keys that `flask --app wsgi cdn keys --since N` prints, parted by spaces.
        set req.http.X-Purged = xkey.purge(req.http.Surrogate-Key);
        return (synth(200, "Purged " + req.http.X-Purged));
    }

    # One id for the request, in its answer, in our log and in the service's: nobody gets another's from the cache.
    if (req.http.X-Request-Id !~ "^[A-Za-z0-9._-]{8,64}$") {
        set req.http.X-Request-Id = "varnish-" + req.xid;
    }

    # What may be another answer for another reader, and what writes, is none of ours.
    if ((req.method != "GET" && req.method != "HEAD") || req.http.Authorization || req.http.If-Match
        || req.http.Transfer-Encoding || (req.http.Content-Length && req.http.Content-Length != "0")
        || req.url ~ "[^\x21-\x7e]") {
        return (pass);
    }
    # A list of validators, or any of them, is compared by the service.
    if (req.http.If-None-Match ~ ",|\*") {
        return (pass);
    }
    # Only what surely takes what the address gives: the service refuses the rest with a 406.
    if (req.http.Accept && (req.http.Accept !~ "\*/\*" || req.http.Accept ~ "q=0*\.?0*[ \t]*(,|;|$)")) {
        if (req.http.Accept !~ "^application/json$" || req.url ~ "^[^?]*\.|^/(docs|problems|embed)") {
            return (pass);
        }
    }

    # The service reads no cookie, gives no part of an answer, and takes its parameters in any order.
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

    # While the service is well, a stale answer is given while a new one is fetched; while it is not, for longer.
    if (std.healthy(req.backend_hint)) {
        set req.grace = 600s;
    }
    return (hash);
}

# Accept-Language comes down to one of four, as the service reads it (RFC 9110, 12.5.4): cy, en, and either with the
# other refused. A header in any other form than that of the RFC is left to the service.
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

    # Only the two languages, each without its region and with its q: ",cy;q=0.8,en;q=1".
    set req.http.X-Ranges = "," + regsuball(req.http.X-Ranges, "[ \t]", "");
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

# The first range that is left counts for its language, if its q is the best so far.
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
            # Neither is named, or both are refused: nothing is asked for that can be given.
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

# Every link is made from PUBLIC_URL: no answer depends on Host.
sub vcl_hash {
    hash_data(req.url);
    return (lookup);
}

sub vcl_backend_response {
    # A fault is no reason to give up what is there.
    if (beresp.status >= 500 && bereq.is_bgfetch) {
        return (abandon);
    }
    if (beresp.http.Cache-Control ~ "no-store") {
        set beresp.uncacheable = true;
        # A refusal is one request's own; random addresses stay uncacheable.
        if (beresp.status >= 400) {
            set beresp.ttl = 0s;
        } else {
            set beresp.ttl = 120s;
        }
        return (deliver);
    }
    # How long a stale answer is of use: Varnish itself reads stale-while-revalidate as grace.
    if (beresp.http.Cache-Control ~ "stale-if-error=[0-9]+") {
        set beresp.grace = std.duration(regsub(beresp.http.Cache-Control, "^.*stale-if-error=([0-9]+).*$", "\1s"), 600s);
    }
    set beresp.http.xkey = beresp.http.Surrogate-Key;
    return (deliver);
}

sub vcl_deliver {
    # A problem has its id in its body too.
    if (resp.status < 400) {
        set resp.http.X-Request-Id = req.http.X-Request-Id;
    }
    # With another cache in front that purges by Surrogate-Key, let that header go through.
    unset resp.http.Surrogate-Key;
    unset resp.http.xkey;
    unset resp.http.Via;
}
