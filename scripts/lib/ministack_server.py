"""MiniStack, with the triggers of a user pool that it leaves out called as Cognito calls them.

    ministack_server.py            serves on 127.0.0.1, at GATEWAY_PORT, and ends with its parent
    ministack_server.py --stay     serves until it is ended, in a session of its own
    ministack_server.py --check    only says whether MiniStack still has what is used of it here

What is used is private to MiniStack: its version is pinned, and a start without one of these functions, or
with other parameters, fails and names them. Called beside those that MiniStack calls itself:

    PreSignUp_AdminCreateUser           before an administrator's user exists; its failure refuses the user
    PreAuthentication                   before the password is looked at
    PostConfirmation_*                  once the user is confirmed, which a failure does not undo
    PostAuthentication_Authentication   before the tokens of a sign-in, not of a refresh; at a federated one where
                                        the user is there already, or was linked by PreSignUp just now

PreSignUp comes without a sub, which Cognito has not made by then, and all with what the client sent along.
Token events are ministack_tokens.py's, AppSync's batches ministack_appsync.py's, what Lambda gives a function's process
ministack_function.py's, and RDS's judgement of tokens is ministack_rds.py's.

It knows no alarm over an expression: such a one is made over the first of its metrics, and nothing looks at it.

Who is to leave a group that is not there is told so, as by Cognito.

It forgets a change set that was executed: the AWS command line names them by the second, and two deployments of a stack
take less than that here.

Its PutEvents takes events of AWS's own sources, as no caller of AWS's may send them: MiniStack keeps CloudTrail's
records to itself, so the tests put them on the event bus.
"""

import ctypes
import functools
import importlib.metadata
import inspect
import os
import signal
import sys
import threading
import uuid

import ministack.app
import ministack_appsync
import ministack_function
import ministack_rds
import ministack_tokens
import ministack_trigger
from ministack.services import cognito, eventbridge
from ministack.services.cloudformation import changesets, provisioners

USED = {
    cognito: {
        "_dispatch_idp": ("action", "data"),
        "_sign_up": ("data",),
        "_confirm_sign_up": ("data",),
        "_admin_confirm_sign_up": ("data",),
        "_confirm_forgot_password": ("data",),
        "_admin_create_user": ("data",),
        "_admin_remove_user_from_group": ("data",),
        "_initiate_auth": ("data",),
        "_admin_initiate_auth": ("data",),
        "_build_auth_result": (
            "pool_id", "client_id", "user", "nonce", "trigger_source", "client_metadata", "origin_jti", "scope"),
        "_apply_inbound_federation_trigger": (
            "pool_id", "client_id", "username", "provider_name", "provider_type", "attributes"),
        "_linked_username_for_federation": ("pool", "provider_name", "name_id", "user_attrs"),
        "_merge_federated_attrs": ("user", "user_attrs", "now"),
        "_start_federated_profile": ("pool", "pool_id", "user", "provider_name", "user_id"),
        "_apply_presignup_trigger": ("pool_id", "client_id", "username", "user_attrs", "trigger_source"),
        "_build_presignup_event": ("pool_id", "client_id", "username", "user_attrs", "trigger_source"),
        "_pool_for_client": ("cid",),
        "_resolve_pool": ("pool_id",),
        "_resolve_user": ("pool", "username"),
        "_attr_list_to_dict": ("attrs",),
        "_dict_to_attr_list": ("d",),
        "_PreSignUpRejected": None,
        "error_response_json": None,
    },
    changesets: {"_drop_other_change_sets": ("stack_id", "executed_cs_id")},
    provisioners: {"_cw_metric_alarm_record": ("name", "props")},
    eventbridge: {"_put_events": ("data", "allow_aws_source")},
    ministack.app: {"main": ()},
}

# What Cognito sends where no app client is part of the call.
NO_CLIENT = "CLIENT_ID_NOT_APPLICABLE"


def missing():
    """What MiniStack no longer has as it is used here, some words each."""
    parts = (ministack_trigger, ministack_tokens, ministack_appsync, ministack_function, ministack_rds)
    for used in (USED, *(part.USED for part in parts)):
        for module, name, parameters in ((module, *each) for module in used for each in used[module].items()):
            found = getattr(module, name, None)
            if found is None:
                yield f"{module.__name__}.{name} is gone"
            elif parameters is not None and tuple(inspect.signature(found).parameters) != parameters:
                yield f"{module.__name__}.{name} takes {inspect.signature(found)}, and took ({', '.join(parameters)})"


def call(trigger, source, pool, client_id, user, metadata=None, **request):
    """Calls the function of a trigger, where the pool has one, with the user as Cognito would show it, and with what the
    client sent along."""
    arn = (pool.get("LambdaConfig") or {}).get(trigger)
    if not arn:
        return
    attributes = cognito._attr_list_to_dict(user.get("Attributes", []))
    attributes["cognito:user_status"] = user["UserStatus"]
    event = cognito._build_presignup_event(pool["Id"], client_id, user["Username"], attributes, source)
    event["request"] = {"userAttributes": attributes, **request} | ({"clientMetadata": metadata} if metadata else {})
    event["response"] = {}
    ministack_trigger.invoke(trigger, arn, event)


def wrap(name):
    """A decorator: what it decorates takes the place of MiniStack's function, which it is given first."""
    def decorate(function):
        original = getattr(cognito, name)
        setattr(cognito, name, functools.wraps(original)(functools.partial(function, original)))
        return function
    return decorate


def user_of(data):
    """The pool and the user that a request names, each None where there is none."""
    pool = cognito._resolve_pool(data["UserPoolId"])[0] if "UserPoolId" in data \
        else cognito._pool_for_client(data.get("ClientId"))[0]
    name = data.get("Username") or (data.get("AuthParameters") or {}).get("USERNAME")
    return pool, cognito._resolve_user(pool, name)[0] if pool and name else None


def call_triggers():
    @wrap("_dispatch_idp")
    async def dispatch(original, action, data):
        try:
            return await original(action, data)
        except ministack_trigger.Refused as refused:
            return cognito.error_response_json("UserLambdaValidationException", str(refused), 400)

    asking = threading.local()

    @wrap("_build_presignup_event")
    def before_sign_up(original, pool_id, client_id, username, user_attrs, trigger_source):
        event = original(pool_id, client_id, username, user_attrs, trigger_source)
        attributes = event["request"]["userAttributes"]
        # That of MiniStack's, or the provider's.
        attributes.pop("sub", None)
        if trigger_source == "PreSignUp_ExternalProvider":
            attributes.update({"cognito:email_alias": "", "cognito:phone_number_alias": ""})
        elif trigger_source in ("PreSignUp_SignUp", "PreSignUp_AdminCreateUser"):
            sent = asking.data.get("ValidationData")
            event["request"]["validationData"] = cognito._attr_list_to_dict(sent) if sent else None
            if asking.data.get("ClientMetadata"):
                event["request"]["clientMetadata"] = asking.data["ClientMetadata"]
        return event

    def confirms(name, source, verifies_email):
        @wrap(name)
        def confirm(original, data):
            asking.data = data
            answer = original(data)
            pool, user = user_of(data)
            if answer[0] == 200 and user and user["UserStatus"] == "CONFIRMED":
                attributes = cognito._attr_list_to_dict(user["Attributes"])
                # Who has the code has the mail.
                if verifies_email and "email" in attributes:
                    user["Attributes"] = cognito._dict_to_attr_list(attributes | {"email_verified": "true"})
                call("PostConfirmation", source, pool, data.get("ClientId", NO_CLIENT), user, data.get("ClientMetadata"))
            return answer

    # Confirmed at once where PreSignUp says so.
    confirms("_sign_up", "PostConfirmation_ConfirmSignUp", False)
    confirms("_confirm_sign_up", "PostConfirmation_ConfirmSignUp", True)
    confirms("_admin_confirm_sign_up", "PostConfirmation_ConfirmSignUp", False)
    confirms("_confirm_forgot_password", "PostConfirmation_ConfirmForgotPassword", True)

    # Of each federated sign-in, whose later steps are not told them.
    signing_in = threading.local()

    @wrap("_apply_inbound_federation_trigger")
    def comes(original, pool_id, client_id, *others):
        signing_in.client_id = client_id
        return original(pool_id, client_id, *others)

    @wrap("_linked_username_for_federation")
    def linked(original, pool, provider_name, name_id, user_attrs):
        signing_in.pool = pool
        return original(pool, provider_name, name_id, user_attrs)

    @wrap("_start_federated_profile")
    def federated(original, pool, pool_id, user, provider_name, user_id):
        original(pool, pool_id, user, provider_name, user_id)
        call("PostConfirmation", "PostConfirmation_ConfirmSignUp", pool, signing_in.client_id, user)

    @wrap("_merge_federated_attrs")
    def merged(original, user, user_attrs, now):
        sub = original(user, user_attrs, now)
        call("PostAuthentication", "PostAuthentication_Authentication", signing_in.pool, signing_in.client_id,
             user, newDeviceUsed=False)
        return sub

    @wrap("_admin_create_user")
    def create(original, data):
        pool, user = user_of(data)
        if pool and not user and data.get("Username"):
            asking.data = data
            attributes = cognito._attr_list_to_dict(data.get("UserAttributes", []))
            # Where the name is an alias, Cognito's is made by then; MiniStack makes its own later, another one.
            name = str(uuid.uuid4()) if pool.get("UsernameAttributes") else data["Username"]
            try:
                cognito._apply_presignup_trigger(pool["Id"], NO_CLIENT, name, attributes, "PreSignUp_AdminCreateUser")
            except cognito._PreSignUpRejected as error:
                raise ministack_trigger.Refused(str(error)) from error
        return original(data)

    def authenticates(name):
        @wrap(name)
        def authenticate(original, data):
            pool, user = user_of(data)
            # A refresh names no user.
            if user and user.get("Enabled", True) and user["UserStatus"] != "UNCONFIRMED":
                call("PreAuthentication", "PreAuthentication_Authentication", pool, data["ClientId"], user,
                     validationData=data.get("ClientMetadata"), userNotFound=False)
            return original(data)

    authenticates("_initiate_auth")
    authenticates("_admin_initiate_auth")

    @wrap("_build_auth_result")
    def authenticated(original, pool_id, client_id, user, nonce="", trigger_source="TokenGeneration_Authentication",
                      **others):
        if trigger_source in ("TokenGeneration_Authentication", "TokenGeneration_NewPasswordChallenge"):
            call("PostAuthentication", "PostAuthentication_Authentication", cognito._resolve_pool(pool_id)[0],
                 client_id, user, others.get("client_metadata"), newDeviceUsed=False)
        return original(pool_id, client_id, user, nonce, trigger_source, **others)


def miss_groups():
    @wrap("_admin_remove_user_from_group")
    def remove(original, data):
        pool = cognito._resolve_pool(data["UserPoolId"])[0]
        if pool and data["GroupName"] not in pool["_groups"]:
            return cognito.error_response_json("ResourceNotFoundException", "Group not found.", 400)
        return original(data)


def alarm_record(original, name, props):
    stats = [each["MetricStat"] for each in props.get("Metrics", []) if "MetricStat" in each]
    if stats:
        props = {key: value for key, value in props.items() if key != "Metrics"} | stats[0]["Metric"] | {
            "Period": stats[0]["Period"], "Statistic": stats[0]["Stat"]}
    return original(name, props)


def drop_change_sets(original, stack_id, executed_cs_id):
    original(stack_id, None)


def main():
    gone = list(missing())
    if gone:
        sys.exit(f"MiniStack {importlib.metadata.version('ministack')} is not the one that scripts/lib was written for, "
                 f"which python.sh names: {'; '.join(gone)}")
    if sys.argv[1:] == ["--check"]:
        return
    if sys.argv[1:] == ["--stay"]:
        os.setsid()
    else:
        # With its parent, however that ended (prctl's PR_SET_PDEATHSIG).
        parent = os.getppid()
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
        if os.getppid() != parent:
            return
    ministack_trigger.keep_events()
    call_triggers()
    miss_groups()
    ministack_tokens.send_token_events()
    ministack_appsync.batch_resolvers()
    ministack_function.extend_functions()
    ministack_rds.serve(os.environ["STATE_DIR"])
    changesets._drop_other_change_sets = functools.partial(drop_change_sets, changesets._drop_other_change_sets)
    provisioners._cw_metric_alarm_record = functools.partial(alarm_record, provisioners._cw_metric_alarm_record)
    eventbridge._put_events = functools.partial(eventbridge._put_events, allow_aws_source=True)
    # Without the two switches it would listen on other interfaces too.
    os.environ.update(BIND_HOST="127.0.0.1", IOT_MTLS_ENABLED="0", SFTP_ENABLED="0")
    del sys.argv[1:]
    ministack.app.main()


main()
