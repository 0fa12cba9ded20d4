"""RDS's verdict on IAM tokens, for a PostgreSQL that asks for it as it asks an LDAP server.

RDS judges them in a PAM module of its own. PostgreSQL's method "ldap" hands a password on in the same way, without a
word to the system's PAM: the login's name, as uid=NAME, and the password, in a simple bind (RFC 4511, 4.2). It holds
where the password is a token as AWS documents it ("IAM database authentication"), signed with keys that MiniStack
knows, of 15 minutes at most, for this server and this login, and the keys' owner may rds-db:connect to both.

What is signed is written here a second time, after AWS's documentation of Signature Version 4: nothing of PoolTable's.
"""

import datetime
import hashlib
import hmac
import io
import os
import pathlib
import socketserver
import sys
import threading
import urllib.parse

from ministack.core import iam_evaluator, responses

USED = {
    iam_evaluator: {
        "resolve_credential": ("access_key_id", "account_id", "session_token"),
        "resolve_principal": ("access_key_id", "account_id", "credential"),
        "evaluate": ("ctx", "policies", "limits"),
        "CredentialResolutionError": None,
        "EvalContext": None,
    },
    responses: {"get_account_id": ()},
}

LIFETIME = datetime.timedelta(minutes=15)
SUCCESS, INVALID_CREDENTIALS = 0, 49


class Refused(Exception):
    """Why a token does not hold."""


def signature(secret, host, query, date, region):
    """Of a GET of host/?query that has no body, whose parameters are signed in order, wherever they stand."""
    query = "&".join(sorted(query.split("&")))
    scope = f"{date[:8]}/{region}/rds-db/aws4_request"
    request = "\n".join(["GET", "/", query, f"host:{host}\n", "host", hashlib.sha256(b"").hexdigest()])
    text = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = b"AWS4" + secret.encode()
    for part in (*scope.split("/"), text):
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()


def verify(token, login, servers, resource, region):
    """Whether a login may come in with this token, at a server of these names; or Refused."""
    host, _, query = token.partition("/?")
    query, _, signed = query.partition("&X-Amz-Signature=")
    given = dict(urllib.parse.parse_qsl(query, strict_parsing=True))
    if host not in servers or given.get("Action") != "connect" or given.get("DBUser") != login:
        raise Refused("it is for another server or login")
    date = datetime.datetime.strptime(given["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    age = datetime.datetime.now(datetime.timezone.utc) - date
    if not -LIFETIME < age < min(LIFETIME, datetime.timedelta(seconds=int(given["X-Amz-Expires"]))):
        raise Refused("it is too old, or from the future")
    key = given["X-Amz-Credential"].split("/")[0]
    found = iam_evaluator.resolve_credential(
        key, responses.get_account_id(), session_token=given.get("X-Amz-Security-Token"))
    if isinstance(found, iam_evaluator.CredentialResolutionError):
        raise Refused(found.message)
    if not hmac.compare_digest(signature(found.secret_access_key, host, query, given["X-Amz-Date"], region), signed):
        raise Refused("its signature is another")
    principal = iam_evaluator.resolve_principal(key, found.account_id, found)
    asked = iam_evaluator.EvalContext(
        principal_arn=principal.arn, principal_type=principal.type, principal_account=principal.account,
        action="rds-db:connect", resource_arn=f"arn:aws:rds-db:{region}:{found.account_id}:dbuser:{resource}/{login}",
        region=region)
    # The account's owner has no policies, and may all.
    if principal.policies is not None and (
            iam_evaluator.evaluate(asked, principal.policies, *principal.limits).decision != "Allow"):
        raise Refused(f"{principal.arn} may not {asked.action} on {asked.resource_arn}")


def read(stream):
    """The tag and the content of the next value in BER, which has a length of up to four bytes."""
    tag, length = stream.read(1), int.from_bytes(stream.read(1), "big")
    if length > 0x80:
        length = int.from_bytes(stream.read(length & 0x7F), "big")
    return tag, stream.read(length)


def value(tag, content):
    """One that is shorter than 128 bytes."""
    return bytes([tag, len(content)]) + content


class Binds(socketserver.StreamRequestHandler):
    def handle(self):
        while (message := read(self.rfile))[0] == b"\x30":
            content = io.BytesIO(message[1])
            number, (operation, bind) = read(content)[1], read(content)
            if operation != b"\x60":
                return
            fields = io.BytesIO(bind)
            _, name, password = (read(fields)[1] for _ in range(3))
            result = self.server.judge(name.decode().removeprefix("uid="), password.decode())
            answer = value(0x61, value(0x0A, bytes([result])) + value(0x04, b"") + value(0x04, b""))
            self.wfile.write(value(0x30, value(0x02, number) + answer))


class Judge(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def judge(self, login, token):
        try:
            verify(token, login, **self.judged)
        except (Refused, ValueError, KeyError) as error:
            # Never the token.
            print(f"the token of {login} does not hold: {error}", file=sys.stderr, flush=True)
            return INVALID_CREDENTIALS
        return SUCCESS


def serve(state):
    """Judges tokens for the server that RDS_SERVERS and RDS_RESOURCE_ID name, where they do, on a port that is then in
    the file rds-port of that folder."""
    if "RDS_SERVERS" not in os.environ:
        return
    judge = Judge(("127.0.0.1", 0), Binds)
    judge.judged = {
        "servers": os.environ["RDS_SERVERS"].split(","), "resource": os.environ["RDS_RESOURCE_ID"],
        "region": os.environ["MINISTACK_REGION"]}
    threading.Thread(target=judge.serve_forever, daemon=True).start()
    pathlib.Path(state, "rds-port").write_text(str(judge.server_address[1]))
