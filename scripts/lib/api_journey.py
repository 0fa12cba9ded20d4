"""What users see through the API of scripts/deploy/appsync.yaml: api_journey.py STACK DATABASE_URL POOLTABLE.

STACK is the first stack, the API's is STACK-api. An admin and a member sign in at the pool, and ask with their tokens.
"""

import base64
import http.client
import json
import os
import urllib.parse

from steps import confirm, invite, outputs_of, session, sign_in, sign_up, stack, value, wait_for

PASSWORD = "First-Password-1"
# What the function answers, field by field.
FORBIDDEN = ("Forbidden", "for admins only")
UNAUTHORIZED = ("Unauthorized", "Sign in first")

api = outputs_of(f"{stack}-api")


def person(email):
    """Signs somebody up and in. Returns the row as the API shows it, and the access token."""
    sub = sign_up(email)
    confirm(email)
    row = lambda: value("SELECT id FROM cognito.users WHERE user_pool_id = :'pool' AND sub = :'sub'", sub)  # noqa: E731
    wait_for(f"{email} has a row", lambda: row() != "", lambda: True)
    return {"id": row(), "email": email, "name": None}, sign_in(email, PASSWORD)


def post(query, token=None):
    """The status and the body of the answer to a GraphQL request, as a client sends it."""
    url = urllib.parse.urlsplit(api["GraphQLUrl"])
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc, timeout=60)
    headers = {"Host": url.netloc, "Content-Type": "application/json"} | ({"Authorization": token} if token else {})
    connection.request("POST", url.path, json.dumps({"query": query}), headers)
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def ask(query, token):
    """The fields that have a value, and of each other one (errorType, message)."""
    status, answer = post(query, token)
    assert status == 200, answer
    errors = {".".join(map(str, each["path"])): (each["errorType"], each["message"]) for each in answer.get("errors", [])}
    return {name: errors.get(name, field) for name, field in answer["data"].items()} | errors


def expect(step, query, token, wanted):
    wait_for(step, lambda: ask(query, token), lambda: wanted)


def pages(token, size):
    """The ids of all users, from as many requests as it takes."""
    ids, after = [], "null"
    while page := ask(f"{{ users(limit: {size}, after: {after}) {{ id }} }}", token)["users"]:
        assert len(page) <= size, page
        ids += [user["id"] for user in page]
        after = json.dumps(ids[-1])
    return ids


def invoked(*requests):
    """The function's answer to a batch: (field, token) each, as AppSync sends it once it has verified the tokens."""
    events = []
    for field, token in requests:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        events.append({
            "arguments": {}, "source": None, "prev": None, "stash": {}, "request": {"headers": {}},
            "identity": {"sub": claims["sub"], "issuer": claims["iss"], "claims": claims},
            "info": {"fieldName": field, "parentTypeName": "Query", "variables": {}}})
    answer = session.create_client("lambda").invoke(FunctionName=api["FunctionArn"], Payload=json.dumps(events))
    return json.loads(answer["Payload"].read())


def journey():
    invite("admin@example.com", "--role", "admin")
    invite("member@example.com")
    admin, admins = person("admin@example.com")
    member, members = person("member@example.com")
    value(f"INSERT INTO api.buckets VALUES ('attic', '{member['id']}'), ('cellar', '{admin['id']}')", "")

    me = "{ me { id email name } }"
    expect("the admin is who the token says", me, admins, {"me": admin})
    expect("the member, too", me, members, {"me": member})
    value("""INSERT INTO cognito.users (user_pool_id, sub, email, observed_at)
        VALUES ('eu-central-1_another', gen_random_uuid(), 'stranger@example.com', now())""", "")
    everybody = value(
        "SELECT string_agg(id::text, ' ' ORDER BY id) FROM cognito.users_live WHERE user_pool_id = :'pool'", "").split()
    wait_for("the admin sees all users of the pool, page by page", lambda: pages(admins, 2), lambda: everybody)
    expect("the admin sees the buckets, each with its owner", "{ listBuckets { name owner { id email name } } }", admins,
           {"listBuckets": [{"name": "attic", "owner": member}, {"name": "cellar", "owner": admin}]})
    expect("the member has a value, and two errors beside it", """{
        me { id } users { id } buckets: listBuckets { name owner { id } } }""", members,
        {"me": {"id": member["id"]}, "users": FORBIDDEN, "buckets": FORBIDDEN})
    for arguments, message in (
            ("limit: 0", "limit must be from 1 to 100"), ("limit: 101", "limit must be from 1 to 100"),
            ('after: "1"', "after must be the id of a user")):
        expect(f"users({arguments}) is refused", f"{{ users({arguments}) {{ id }} }}", admins,
               {"users": ("BadRequest", message)})
    # AppSync itself refuses it; MiniStack lets it through, without an identity.
    expect("a senseless token is nobody's", "{ me { id } users { id } }", "senseless",
           {"me": UNAUTHORIZED, "users": UNAUTHORIZED})
    wait_for("without a token nothing is called", lambda: post(me)[0], lambda: 401)
    wait_for("of a batch each has its own", lambda: invoked(("me", members), ("users", members), ("listBuckets", admins)),
             lambda: [
                 {"data": member}, {"data": None, "errorType": FORBIDDEN[0], "errorMessage": FORBIDDEN[1]},
                 {"data": [{"name": "attic", "owner_id": member["id"]}, {"name": "cellar", "owner_id": admin["id"]}]}])


journey()
