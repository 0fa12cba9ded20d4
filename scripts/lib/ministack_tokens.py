"""The event of a token as Cognito sends it, and its answer as Cognito takes it.

MiniStack asks once for each token, and reads the answer by the setting's name and not by the event's version. Here a
pair of tokens asks once, with the user's status among the attributes, and

    version 1      its claims are for the ID token, its groups for both
    version 2, 3   claims and scopes for each token, and the groups beside them, for both
    version 3      is also sent for a client's own token

A function that fails makes no token.
"""

import functools
import threading

import ministack_trigger
from ministack.services import cognito

USED = {
    cognito: {
        "_apply_pretoken_trigger": (
            "pool_id", "claims", "token_type", "trigger_source", "client_id", "username", "user_attrs", "groups",
            "client_metadata", "scope"),
        "_build_pretoken_event": (
            "pool_id", "client_id", "username", "user_attrs", "groups", "trigger_source", "version", "client_metadata",
            "scope"),
        "_extract_trigger_response": ("payload",),
        "_resolve_pool": ("pool_id",),
        "_attr_list_to_dict": ("attrs",),
    },
}

CLIENT = "TokenGeneration_ClientCredentials"
# The answer for the access token, which is always made first, and by the same thread as the ID token.
asked = threading.local()


def trigger_of(pool):
    """The function of a pool, or None, and the version of its events."""
    config = pool.get("LambdaConfig") or {}
    newer = config.get("PreTokenGenerationConfig") or {}
    if newer.get("LambdaArn"):
        return newer["LambdaArn"], newer.get("LambdaVersion", "V1_0")
    return config.get("PreTokenGeneration"), "V1_0"


def applied(pool_id, claims, token_type, trigger_source, client_id, username, user_attrs, groups, client_metadata=None,
            scope=None):
    pool = cognito._resolve_pool(pool_id)[0]
    arn, version = trigger_of(pool)
    if not arn or (trigger_source == CLIENT and version != "V3_0"):
        return claims
    # By the user itself, whom MiniStack does not always give.
    user = pool["_users"].get(username) or {"Attributes": [], "_groups": groups}
    if user.get("_groups"):
        claims["cognito:groups"] = user["_groups"]
    if token_type == "access":
        attributes = cognito._attr_list_to_dict(user["Attributes"])
        if "UserStatus" in user:
            attributes["cognito:user_status"] = user["UserStatus"]
        event = cognito._build_pretoken_event(
            pool_id=pool_id, client_id=client_id, username=username, user_attrs=attributes,
            groups=user.get("_groups", []), trigger_source=trigger_source, version=version,
            client_metadata=client_metadata, scope=scope)
        answer = ministack_trigger.invoke("PreTokenGeneration", arn, event)
        asked.response = cognito._extract_trigger_response(answer) or {}
    overridden(claims, asked.response, token_type, version)
    return claims


def overridden(claims, response, token_type, version):
    """Changes the claims of a token as the answer says."""
    if version == "V1_0":
        whole = response.get("claimsOverrideDetails") or {}
        mine = whole if token_type == "id" else {}
    else:
        whole = response.get("claimsAndScopeOverrideDetails") or {}
        mine = whole.get(f"{token_type}TokenGeneration") or {}
    claims.update(mine.get("claimsToAddOrOverride") or {})
    for name in mine.get("claimsToSuppress") or []:
        claims.pop(name, None)
    if token_type == "access":
        scopes = dict.fromkeys([*claims["scope"].split(), *(mine.get("scopesToAdd") or [])])
        claims["scope"] = " ".join(each for each in scopes if each not in (mine.get("scopesToSuppress") or []))
    groups = (whole.get("groupOverrideDetails") or {}).get("groupsToOverride")
    if groups is not None:
        claims["cognito:groups"] = groups
    if not claims.get("cognito:groups"):
        claims.pop("cognito:groups", None)


def send_token_events():
    cognito._apply_pretoken_trigger = functools.wraps(cognito._apply_pretoken_trigger)(applied)
